/* First contact and soft reset. */
#include "runtime.h"

/* A reset waits at most 65,535 cycles for the bus, then clears up to 512 layer counters; a register read takes at least
 * a cycle. */
#define RESET_POLLS 131072u

static int caps_sane(const struct tetra_caps *c) {
  return tetra_caps_good_n(c->n) && tetra_caps_good_words(c->act_words) && tetra_caps_good_words(c->wgt_words) &&
         tetra_caps_good_words(c->res_words) && tetra_caps_good_par_entries(c->par_entries) &&
         tetra_caps_good_words(c->acc_pixels) && tetra_caps_good_words(c->pool_words) &&
         tetra_caps_good_layers(c->max_layers);
}

static int read_caps(const struct tetra_device *dev, struct tetra_caps *caps) {
  const uint32_t array = tetra_reg_read(dev, TETRA_REG_ARRAY);
  caps->n = tetra_bits_get(array, TETRA_ARRAY_ROWS);
  caps->act_words = tetra_reg_read(dev, TETRA_REG_ACT_WORDS);
  caps->wgt_words = tetra_reg_read(dev, TETRA_REG_WGT_WORDS);
  caps->res_words = tetra_reg_read(dev, TETRA_REG_RES_WORDS);
  caps->par_entries = tetra_reg_read(dev, TETRA_REG_PAR_ENTRIES);
  caps->acc_pixels = tetra_reg_read(dev, TETRA_REG_ACC_PIXELS);
  caps->max_layers = tetra_reg_read(dev, TETRA_REG_MAX_LAYERS);
  caps->pool_words = tetra_reg_read(dev, TETRA_REG_POOL_WORDS);
  return tetra_bits_get(array, TETRA_ARRAY_COLUMNS) == caps->n && caps_sane(caps) ? TETRA_OK : TETRA_EHW;
}

static int identify(struct tetra_device *dev) {
  if (tetra_reg_read(dev, TETRA_REG_ID) != TETRA_HW_ID) return TETRA_EHW;
  if (tetra_reg_read(dev, TETRA_REG_VERSION) != TETRA_HW_VERSION) return TETRA_EHW;
  return read_caps(dev, &dev->caps);
}

int tetra_device_init(struct tetra_device *dev, const struct tetra_hal *hal, uint32_t timeout_us) {
  if (dev == NULL) return TETRA_EINVAL;
  *dev = (struct tetra_device){0};
  if (hal == NULL || timeout_us == 0) return TETRA_EINVAL;
  if (!hal->reg_read || !hal->reg_write || !hal->map || !hal->sync || !hal->wait_irq) return TETRA_EINVAL;

  dev->hal = *hal;
  dev->timeout_us = timeout_us;
  int status = identify(dev);
  if (status == TETRA_OK) status = tetra_device_reset(dev);
  if (status != TETRA_OK) *dev = (struct tetra_device){0};
  return status;
}

int tetra_device_reset(struct tetra_device *dev) {
  if (!tetra_device_ready(dev)) return TETRA_EINVAL;
  /* Enable goes low with it: nothing is fetched before the next run has set up its ring. */
  tetra_reg_write(dev, TETRA_REG_CTRL, TETRA_CTRL_RESET);
  for (uint32_t poll = 0; poll < RESET_POLLS; poll++) {
    if (!(tetra_reg_read(dev, TETRA_REG_CTRL) & TETRA_CTRL_RESET)) return TETRA_OK;
  }
  return TETRA_ETIMEOUT;
}
