"""cocotb tests that drive the accelerator as a driver does: registers by an AXI4-Lite master, memory is an AXI slave. Started by run.py."""
import os
import pathlib
import re

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, First, RisingEdge
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam

from stored_plan import StoredPlan

SOURCE = pathlib.Path(os.environ["TETRA_SOURCE"])
# Offsets are where driver and RTL have them.
REG = {name: int(offset, 16) for name, offset in
       re.findall(r"TETRA_REG\(\w+, REG_(\w+), (0x\w+),", (SOURCE / "driver/include/tetra/hw_fields.def").read_text())}
ENABLE, RESET = 1, 2          # CTRL
SYNC, ERROR, LAYER = 1, 2, 4  # IRQ_STATUS
PATIENCE = 200000             # clocks without an interrupt


class Accelerator:
    """The device under test with its bus models."""

    def __init__(self, dut):
        self.dut = dut
        cocotb.start_soon(Clock(dut.clk, 10, "ns").start())
        self.registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst_n, reset_active_level=False)
        self.memory = AxiRam(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst_n, reset_active_level=False, size=2**32)

    async def power_up(self):
        self.dut.rst_n.value = 0
        await ClockCycles(self.dut.clk, 5)
        self.dut.rst_n.value = 1
        await ClockCycles(self.dut.clk, 2)

    async def read(self, register):
        return await self.registers.read_dword(REG[register])

    async def write(self, register, value):
        await self.registers.write_dword(REG[register], value)

    async def soft_reset(self):
        await self.write("CTRL", RESET)
        while await self.read("CTRL") & RESET:
            pass

    async def interrupt(self):
        """Waits for the interrupt's level."""
        if not self.dut.irq.value:
            await First(RisingEdge(self.dut.irq), ClockCycles(self.dut.clk, PATIENCE))
        assert self.dut.irq.value, f"no interrupt in {PATIENCE} clocks"

    async def run(self, plan, image):
        """docs/driver.md, "Registers in order of use", with a ring that holds the whole job. Returns [(layer, cycle)]."""
        assert plan.n_cmds < plan.ring_entries
        self.memory.write(plan.const_addr, plan.constants)
        self.memory.write(plan.input.addr, plan.input.region(image, plan.n))
        self.memory.write(plan.ring_addr, plan.commands)
        await self.soft_reset()
        for register, value in (("MEM_BASE", plan.base), ("MEM_LIMIT", plan.limit), ("RING_BASE", plan.ring_addr),
                                ("RING_SIZE", plan.ring_entries), ("TAIL", 0), ("IRQ_STATUS", SYNC | ERROR),
                                ("IRQ_MASK", SYNC | ERROR | LAYER), ("CTRL", ENABLE), ("TAIL", plan.n_cmds)):
            await self.write(register, value)
        layers = []
        while True:
            await self.interrupt()
            status = await self.read("IRQ_STATUS")
            await self.write("IRQ_STATUS", status & (SYNC | ERROR))
            while await self.read("LOG_COUNT"):
                layers.append((await self.read("LOG_LAYER"),
                               await self.read("LOG_CYCLE_LO") + (await self.read("LOG_CYCLE_HI") << 32)))
                await self.write("LOG_CYCLE_HI", 0)
            if status & ERROR:
                raise AssertionError(f"the accelerator stopped: cause {await self.read('ERR_CAUSE')}, command "
                                     f"{await self.read('ERR_INDEX')}, address {await self.read('ERR_ADDR'):#x}")
            if status & SYNC and await self.read("COMPLETED") == plan.sync_tag:
                return layers

    def output(self, plan):
        return plan.output.codes(bytes(self.memory.read(plan.output.addr, plan.output.bytes)), plan.n)


@cocotb.test()
async def identifies_itself(dut):
    accelerator = Accelerator(dut)
    await accelerator.power_up()
    assert await accelerator.read("ID") == 0x54545241
    assert await accelerator.read("ARRAY") & 0xFFFF == int(os.environ["TETRA_N"])


@cocotb.test()
async def output_is_the_c_models(dut):
    plan = StoredPlan(pathlib.Path(os.environ["TETRA_PLAN"]).read_bytes())
    vectors = pathlib.Path(os.environ["TETRA_VECTORS"])
    image, expected = (vectors / "input.bin").read_bytes(), (vectors / "output.bin").read_bytes()
    accelerator = Accelerator(dut)
    await accelerator.power_up()
    for _ in range(2):  # a second run starts where the first one ended
        layers = await accelerator.run(plan, image)
        dut._log.info("layers and the cycles of their completion: %s", layers)
        assert accelerator.output(plan) == expected, "the output is not the expected one"


@cocotb.test()
async def memory_that_is_not_given_is_not_touched(dut):
    """A run whose MEM_LIMIT leaves out the output stops with cause 4, out of range."""
    plan = StoredPlan(pathlib.Path(os.environ["TETRA_PLAN"]).read_bytes())
    image = (pathlib.Path(os.environ["TETRA_VECTORS"]) / "input.bin").read_bytes()
    accelerator = Accelerator(dut)
    await accelerator.power_up()
    plan.limit = plan.base
    try:
        await accelerator.run(plan, image)
    except AssertionError as error:
        assert "cause 4" in str(error), error
    else:
        raise AssertionError("it ran")
