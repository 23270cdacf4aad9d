using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Machine.Tests;

/// <summary>INIT, warm and cold resets, told apart by what they leave (AMD APM vol. 2, 14.1; family 17h model 31h PPR, 3.1).</summary>
public unsafe class ResetKindTests
{
    private const ulong Mark = 0x5000;
    private const uint LongStar = MsrNumbers.LongStar, ErrorAddress = 0xC0002002;

    [TestCase(0x92, (byte)0x03, true, true, true, TestName = "Port 92h: INIT")]
    [TestCase(0xCF9, (byte)0x04, true, true, true, TestName = "CF9h = 4: INIT")]
    [TestCase(0xCF9, (byte)0x06, true, false, true, TestName = "CF9h = 6: warm")]
    [TestCase(0xCF9, (byte)0x0E, false, false, false, TestName = "CF9h = Eh: cold")]
    public void ResetLeaves(int port, byte value, bool memory, bool registers, bool errors)
    {
        foreach (EngineKind engine in new[] { EngineKind.Functional, EngineKind.Detailed })
        {
            using Bench bench = new(new MachineSpec
            {
                Model = EpycModel.Find("7742")!,
                Cores = 2,
                MemoryBytes = 64UL << 20,
                Flash = Flash((ushort)port, value),
                Engine = engine,
                Seed = 1,
            });
            bench.Machine.RestartOnReset = true;
            bench.Machine.Memory.Write(Mark, [0x77]);
            CoSim.Hw.Zen2Core.CoreContext core = bench.Machine.Cores[0].Context;
            MsrTable.Set(core.State, LongStar, 0x1234);
            MsrTable.Set(core.State, ErrorAddress, 0x5678);
            bench.RunTo(SimTime.Zero + SimDuration.FromMilliseconds(1));
            byte[] mark = new byte[1];
            bench.Machine.Memory.Read(Mark, mark);
            Assert.Multiple(() =>
            {
                Assert.That(bench.Machine.Resets, Is.EqualTo(registers ? 0 : 1), $"{engine}");
                Assert.That(MsrTable.Value(core.State, LongStar), Is.EqualTo(registers ? 0x1234 : 0), $"{engine}: MSRs");
                Assert.That(MsrTable.Value(core.State, ErrorAddress), Is.EqualTo(errors ? 0x5678 : 0), $"{engine}: machine-check banks");
            });
            Assert.That(mark[0], Is.EqualTo(memory ? 0x77 : 0), $"{engine}: memory");
            Assert.That(core.State->Activity, Is.EqualTo(CoSim.Hw.Zen2Core.Isa.ActivityState.Halted), $"{engine}: the second pass halts; at {core.LinearRip:X}h after {core.State->Executed} instructions");
        }
    }

    /// <summary>The reset vector's code: CMOS byte 40h, which has a battery, tells the first pass from the second.</summary>
    private static byte[] Flash(ushort port, byte value)
    {
        byte[] code =
        [
            0xB0, 0x40, 0xE6, 0x70,             // mov al, 40h; out 70h, al
            0xE4, 0x71, 0x84, 0xC0,             // in al, 71h; test al, al
            0x75, 0x10,                         // jnz second
            0xB0, 0x40, 0xE6, 0x70,             // mov al, 40h; out 70h, al
            0xB0, 0x01, 0xE6, 0x71,             // mov al, 1; out 71h, al
            0xBA, (byte)port, (byte)(port >> 8), // mov dx, port
            0xB0, value, 0xEE,                  // mov al, value; out dx, al
            0xEB, 0xFE,                         // jmp $
            0xF4,                               // second: hlt
        ];
        byte[] firmware = new byte[0x10000];
        code.CopyTo(firmware, 0xFF00);
        // jmp near to FF00h from FFF0h.
        new byte[] { 0xE9, 0x0D, 0xFF }.CopyTo(firmware, 0xFFF0);
        return FlashImage.Build(firmware, []);
    }
}
