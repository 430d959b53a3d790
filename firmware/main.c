/* Runs the network in flash on the accelerator: image in, top class out on the UART, and what went wrong on the way. */
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "flash.h"
#include "tetra/stored.h"

/* Longest time without a sign of life of the accelerator. */
#define TIMEOUT_US 20000u
#define ATTEMPTS 4
#define LOGITS_MAX 4096

enum exit_code { EXIT_GOOD = 0, EXIT_GAVE_UP = 1, EXIT_BAD_FLASH = 2, EXIT_DIFFERENT = 3 };

static int put(char c, FILE *f) {
  (void)f;
  board_put(c);
  return (unsigned char)c;
}
static FILE uart = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &uart;

/* A network that is ready to run. */
struct program {
  struct flash flash;
  struct tetra_stored stored;
  struct tetra_hal hal;
  struct tetra_device dev;
};

static const char *status_text(int status) {
  switch (status) {
    case TETRA_EINVAL:
      return "the accelerator is not the plan's";
    case TETRA_EHW:
      return "stopped by an error";
    case TETRA_ETIMEOUT:
      return "no sign of life";
    default:
      return "failed";
  }
}

/* What the board saw beside the run's own result. */
static void print_events(void) {
  const struct board_events e = board_events();
  if (e.timeouts != 0)
    printf("note: the timer ended %u waits: an interrupt was lost or masked\n", (unsigned)e.timeouts);
  if (e.spurious != 0) printf("note: %u spurious interrupts\n", (unsigned)e.spurious);
  if (e.bus_errors == 0) return;
  printf("note: %u bus errors, the first ", (unsigned)e.bus_errors);
  if (e.bus_cause == BOARD_BUS_FAULT) {
    printf("at an address that the processor does not tell\n");
  } else {
    printf("of a %s at 0x%08lx\n", e.bus_cause == BOARD_STORE_FAULT ? "store" : "load", (unsigned long)e.bus_address);
  }
}

/* One try from first contact to the end of the run. TETRA_EHW also where the bus answered an access with an error: then
 * nothing that was read is worth anything. */
static int run_once(struct program *p, struct tetra_fault *fault) {
  *fault = (struct tetra_fault){0};
  board_events_clear();
  int status = tetra_device_init(&p->dev, &p->hal, TIMEOUT_US);
  if (status == TETRA_OK) status = tetra_stored_fits(&p->stored, &p->dev);
  if (status == TETRA_OK) status = tetra_stored_write_input(&p->stored, &p->hal, p->flash.image);
  if (status == TETRA_OK) status = tetra_device_run(&p->dev, &p->stored.job, NULL, NULL, fault);
  return status == TETRA_OK && board_events().bus_errors != 0 ? TETRA_EHW : status;
}

/* Again until it works: every run begins with a soft reset; where that did not help, the reset pin does. */
static int run(struct program *p) {
  for (unsigned attempt = 1; attempt <= ATTEMPTS; attempt++) {
    struct tetra_fault fault;
    const uint32_t start = board_microseconds();
    const int status = run_once(p, &fault);
    if (status == TETRA_OK) {
      printf("run %u: good after %u us\n", attempt, (unsigned)(board_microseconds() - start));
      print_events();
      return TETRA_OK;
    }
    printf("run %u: %s", attempt, status_text(status));
    if (fault.cause != TETRA_ERR_NONE) {
      printf(": %s (command %u, address 0x%08x)", tetra_fault_name(fault.cause), (unsigned)fault.index,
             (unsigned)fault.addr);
    }
    printf("\n");
    print_events();
    if (attempt > 1) {
      printf("reset pin\n");
      board_reset_accelerators();
    }
  }
  printf("gave up after %u runs\n", ATTEMPTS);
  return TETRA_EHW;
}

static int open_flash(struct program *p) {
  const char *why = flash_open(&p->flash);
  if (why == NULL && tetra_stored_open(p->flash.plan, p->flash.plan_bytes, &p->stored, &why) == TETRA_OK) {
    if (tetra_stored_codes(&p->stored.output) > LOGITS_MAX) why = "the output is too long for this program";
    if (tetra_stored_codes(&p->stored.input) != p->flash.image_bytes) why = "the image is not the plan's input";
  }
  if (why == NULL) return TETRA_OK;
  printf("flash: %s\n", why);
  return TETRA_EINVAL;
}

static int show_result(const struct program *p) {
  static uint8_t logits[LOGITS_MAX];
  const size_t bytes = tetra_stored_codes(&p->stored.output);
  if (tetra_stored_read_output(&p->stored, &p->hal, logits) != TETRA_OK) return EXIT_GAVE_UP;
  for (int i = 0; i < p->stored.output.d.n; i++)
    printf("top class %u\n", (unsigned)tetra_stored_top(&p->stored, logits, (uint32_t)i));
  printf("logits: %u bytes, crc %08x", (unsigned)bytes, (unsigned)tetra_stored_crc(0, logits, bytes));
  const int known = p->flash.expected_bytes == bytes;
  const int same = known && memcmp(logits, p->flash.expected, bytes) == 0;
  printf("%s\n", !known ? "" : same ? ", as expected" : ", DIFFERENT from what is expected");
  return known && !same ? EXIT_DIFFERENT : EXIT_GOOD;
}

int main(void) {
  static struct program p;
  board_init();
  board_hal(&p.hal, 0);
  int code = EXIT_BAD_FLASH;
  if (open_flash(&p) == TETRA_OK) {
    printf("network %s: %u commands, %u bytes of constants, array %u\n", p.stored.name, (unsigned)p.stored.job.n_cmds,
           (unsigned)p.stored.const_bytes, (unsigned)p.stored.caps.n);
    code = EXIT_GAVE_UP;
    if (tetra_stored_load(&p.stored, &p.hal) != TETRA_OK) {
      printf("the plan's memory is not this board's\n");
    } else if (run(&p) == TETRA_OK) {
      code = show_result(&p);
    }
  }
  printf("stack: %u of %u bytes were used\n", (unsigned)(board_stack_size() - board_stack_unused()),
         (unsigned)board_stack_size());
  board_exit(code);
}
