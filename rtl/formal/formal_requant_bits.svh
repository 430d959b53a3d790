// What formal_requant_bits.sv compares: codes, what counts as clamped, the residual shifted, of a module's ports.
  logic        twice;
  logic [11:0] short;
  assign twice     = rnd_i == Tflite && s_i[ShiftW-1];
  assign short     = shift_sum(sum_i, amount(s_i, twice), add_i, round_mode(rnd_i));
  assign code_o    = clamp(short, lo_i, hi_i);
  assign clamped_o = clamped(short, lo_i, hi_i, lo_counts_i);
  assign res_o     = shift_residual(res_i + res_half(s_i, form_i, rnd_i == Tflite),
                                    res_amount(s_i, form_i, rnd_i == Tflite), form_i == Pre,
                                    round_mode(form_i == Pre ? HalfAway : rnd_i));
