/* What --segments and --sample do not go with. */
#include "cli/pieces.h"

#include "cli/outputs.h"

int sim_wants_pieces(const struct sim_options *o) { return o->segments > 1 || o->sample != 0; }

/* Options of one run of the whole network, or of many images. */
static const char *not_in_pieces(const struct sim_options *o) {
  if (o->cycles == SIM_CYCLES_COMPARE) return "--compare-model";
  if (o->trace != NULL) return "--trace";
  if (o->timeline != NULL) return "--timeline";
  if (o->energy != NULL) return "--energy";
  if (o->n_tensors != 0) return sim_tensor_option(&o->tensors[0]);
  if (o->dump_tensors != NULL) return "--dump-tensors";
  if (o->labels != NULL) return "--labels";
  if (o->limit != 0) return "--limit";
  if (o->skip != 0) return "--skip";
  return o->backend != SIM_BACKEND_RTL ? "--backend" : NULL;
}

int sim_pieces_check(const struct sim_options *o, struct tetra_error *err) {
  if (!sim_wants_pieces(o)) return TETRA_OK;
  const char *mine = o->sample != 0 ? "--sample" : "--segments", *other = not_in_pieces(o);
  if (o->sample != 0 && o->segments > 1)
    return tetra_fail(err, TETRA_EINVAL, "--segments and --sample are not accepted together");
  if (o->stall > 0) {
    return tetra_fail(err, TETRA_EINVAL,
                      "--dram-stall: the cycle model, which %s needs, has no random stalls; only 0 is accepted", mine);
  }
  if (other == NULL) return TETRA_OK;
  return tetra_fail(err, TETRA_EINVAL,
                    "%s is not accepted with %s, which runs pieces of the network for one image on the RTL", other,
                    mine);
}
