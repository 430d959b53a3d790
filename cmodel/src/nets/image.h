/* What a pixel level is worth after normalization. Private to the library. */
#ifndef TETRA_IMAGE_H
#define TETRA_IMAGE_H

/* levels[c][v] = (v/255 - mean[c]) / std[c], float32. */
void tetra_image_levels(float levels[3][256]);
/* max |levels|: the bound of the network's input, the same for every image. */
float tetra_image_bound(void);

#endif
