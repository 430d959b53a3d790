/* Calls into the libraries that layer.c does not need: importers, quantizer, built-in networks, the freestanding
 * driver. */
#include <stdio.h>

#include <tetra/device.h>
#include <tetra/import.h>
#include <tetra/network.h>
#include <tetra/quantize_model.h>

int main(void) {
  static const uint8_t junk[] = "no network";
  struct tetra_network_options network;
  struct tetra_graph g = {0};
  struct tetra_error err = {0};
  struct tetra_device device;
  struct tetra_import_report report = {0};
  int h, w, c;
  tetra_network_defaults(&network);
  network.network = "resnet18";
  if (tetra_network_build_shapes(&network, &g, &err) != TETRA_OK) return 1;
  printf("%s: %d layers\n", g.name, g.n_ops);
  tetra_graph_free(&g);
  /* These refuse what they get, and say why. */
  if (tetra_quantize_input(junk, sizeof junk, &h, &w, &c, &report, &err) == TETRA_OK) return 1;
  printf("quantizer: %s\n", err.msg);
  tetra_import_report_free(&report);
  if (tetra_device_init(&device, NULL, 1000) == TETRA_OK) return 1;
  struct tetra_model model = {0};
  struct tetra_import_options import;
  tetra_import_defaults(&import);
  if (tetra_import_tflite(junk, sizeof junk, &import, &model, &report, &err) == TETRA_OK) return 1;
  printf("importer: %s\n", err.msg);
  tetra_model_free(&model);
  tetra_import_report_free(&report);
  return 0;
}
