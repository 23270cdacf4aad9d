using CoSim.Hw.Board;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Firmware.Tests;

/// <summary>
/// A machine that starts without firmware must be in the state that our firmware leaves: the two are compared, register by register, at the
/// kernel's entry.
/// </summary>
public sealed unsafe class DirectStateTest
{
    private const ulong FourGibibytes = 4UL << 30;

    [Test]
    public void PlatformIsAsOurFirmwareLeavesIt([Values(64UL << 20, 512UL << 20, 6UL << 30)] ulong memory)
    {
        using Bench firmware = new(2, memory, EngineKind.Functional, Bench.SampleKernel);
        firmware.Machine.Arm(new Trigger(RunPlace.AtAddress(Entry(firmware)), null));
        Assert.That(firmware.Run(1000), Is.EqualTo(StopReason.AddressReached), firmware.Console);

        using Bench direct = new(2, memory, EngineKind.Functional);
        uint ioApicId = direct.Machine.PreparePlatform();
        Assert.Multiple(() =>
        {
            for (int n = 0; n < direct.Machine.Cores.Count; n++)
            {
                Assert.That(Msrs(direct, n), Is.EqualTo(Msrs(firmware, n)), $"MSRs of core {n}");
            }

            Assert.That(direct.Machine.Pic.Masks, Is.EqualTo(firmware.Machine.Pic.Masks));
            Assert.That(direct.Machine.PowerManagement.Dump().Where(IsState), Is.EqualTo(firmware.Machine.PowerManagement.Dump().Where(IsState)));
            Assert.That(direct.Machine.Cores[0].Apic.Dump().Where(IsState), Is.EqualTo(firmware.Machine.Cores[0].Apic.Dump().Where(IsState)));
            Assert.That(direct.Machine.IoApic.Dump(), Is.EqualTo(firmware.Machine.IoApic.Dump()));
            Assert.That(ioApicId, Is.EqualTo(IoApicIdOf(firmware)));
            for (int n = 0x0A; n <= 0x0B; n++)
            {
                Assert.That(direct.Machine.Rtc[n], Is.EqualTo(firmware.Machine.Rtc[n]), $"RTC register {n:X}h");
            }
        });
    }

    /// <summary>The timer runs, and the last command of the firmware's start of the other cores stays readable.</summary>
    private static bool IsState((string Name, int Offset, int Bytes, ulong Value) register) => register.Name is not ("PM_TMR" or "ICRL");

    private static uint IoApicIdOf(Bench bench)
    {
        bench.Machine.IoApic.WriteMemory(0, 4, 0);
        return (uint)bench.Machine.IoApic.ReadMemory(0x10, 4) >> 24;
    }

    private static Dictionary<string, ulong> Msrs(Bench bench, int core)
    {
        CpuState* state = bench.Machine.Cores[core].Context.State;
        return MsrTable.Registers.ToDictionary(r => $"{r.Number:X8} {r.Name}", r => MsrTable.Value(state, r.Number));
    }

    /// <summary>The PVH entry of the sample kernel, which the firmware names before it jumps there.</summary>
    private static ulong Entry(Bench bench)
    {
        const string before = "starting the kernel at ";
        using Bench scout = new(1, Math.Min(bench.Machine.Spec.MemoryBytes, FourGibibytes), EngineKind.Functional, Bench.SampleKernel);
        scout.Run(1000);
        int at = scout.Console.IndexOf(before, StringComparison.Ordinal) + before.Length;
        string digits = scout.Console[at..scout.Console.IndexOf('h', at)];
        return Convert.ToUInt64(digits, 16);
    }
}
