/* The register map in CMSIS-SVD. */
#include <stdio.h>
#include <string.h>

#include "registers.h"

/* Text of an element. */
static void print_text(const char *s) {
  for (; *s != '\0'; s++) {
    if (*s == '<')
      fputs("&lt;", stdout);
    else if (*s == '>')
      fputs("&gt;", stdout);
    else if (*s == '&')
      fputs("&amp;", stdout);
    else
      putchar(*s);
  }
}

static int is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static void print_field(const struct bits *b) {
  const int read_only = is(b->access, "RO") || is(b->access, "CAP");
  printf("            <field>\n              <name>%s</name>\n              <description>", b->name);
  print_text(b->comment);
  printf("</description>\n              <bitRange>[%u:%u]</bitRange>\n", (unsigned)(b->lsb + b->width - 1),
         (unsigned)b->lsb);
  printf("              <access>%s</access>\n", read_only ? "read-only" : "read-write");
  if (is(b->access, "W1C")) puts("              <modifiedWriteValues>oneToClear</modifiedWriteValues>");
  if (is(b->access, "W1S")) puts("              <modifiedWriteValues>oneToSet</modifiedWriteValues>");
  if (is(b->access, "WPOP")) puts("              <modifiedWriteValues>modify</modifiedWriteValues>");
  puts("            </field>");
}

static void print_register(const struct reg *g) {
  printf("        <register>\n          <name>%s</name>\n          <description>", g->name);
  print_text(g->comment);
  printf("</description>\n          <addressOffset>0x%03x</addressOffset>\n", (unsigned)g->offset);
  printf("          <resetValue>0x%08x</resetValue>\n          <resetMask>0x%08x</resetMask>\n", (unsigned)g->reset,
         registers_has_reset(&g->bits[0]) ? 0xffffffffu : 0u);
  puts("          <fields>");
  for (int k = 0; k < g->n_bits; k++) print_field(&g->bits[k]);
  puts("          </fields>\n        </register>");
}

/* Base address and interrupt are the system's: a peripheral at 0 with interrupt 0 is to be edited by whoever has one.
 */
void print_svd(const struct registers *r) {
  puts("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- Registers of Tetra. Generated; do not edit. -->");
  puts(
      "<device schemaVersion=\"1.3\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xs:noNamespaceSchemaLocation=\"CMSIS-SVD.xsd\">");
  puts(
      "  <name>Tetra</name>\n  <version>1</version>\n  <description>Accelerator for quantized residual "
      "networks</description>");
  puts(
      "  <addressUnitBits>8</addressUnitBits>\n  <width>32</width>\n  <size>32</size>\n  <peripherals>\n    "
      "<peripheral>");
  puts("      <name>TETRA</name>\n      <description>Registers</description>\n      <baseAddress>0x0</baseAddress>");
  puts(
      "      <addressBlock>\n        <offset>0x0</offset>\n        <size>0x1000</size>\n        "
      "<usage>registers</usage>\n      </addressBlock>");
  puts(
      "      <interrupt>\n        <name>TETRA</name>\n        <description>IRQ_STATUS and IRQ_MASK have a bit in "
      "common: a level</description>\n        <value>0</value>\n      </interrupt>");
  puts("      <registers>");
  for (int i = 0; i < r->n; i++) print_register(&r->reg[i]);
  puts("      </registers>\n    </peripheral>\n  </peripherals>\n</device>");
}
