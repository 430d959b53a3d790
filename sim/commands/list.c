/* What can be run: networks, precisions, and the array sizes that this program was built with. */
#include "commands/list.h"

#include "cli/trained.h"
#include "machine/rtl_model.h"
#include "tetra/network.h"

void sim_list(FILE *out) {
  fputs("networks:  ", out);
  for (int i = 0; tetra_network_name(i) != NULL; i++) fprintf(out, " %s", tetra_network_name(i));
  fputs("\nprecisions:", out);
  for (int i = 0; i < TETRA_PRECISION_COUNT; i++) fprintf(out, " %s", tetra_precision_name((enum tetra_precision)i));
  fputs("\narrays:    ", out);
  for (int i = 0; rtl_model_size(i) != 0; i++) fprintf(out, " %u", rtl_model_size(i));
  fputs("\n", out);
  for (int i = 0; sim_trained_at(i) != NULL; i++)
    fprintf(out, "trained:    %s (%s)\n", sim_trained_at(i)->name, sim_trained_at(i)->what);
}
