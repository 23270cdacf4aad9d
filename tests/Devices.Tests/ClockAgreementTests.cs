using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>All counters are functions of one time: at any instant they agree to a tick, after any uptime.</summary>
public sealed class ClockAgreementTests
{
    private static readonly SimDuration Year = SimDuration.FromSeconds(86_400L * 365);

    [Test]
    public void CountersAgreeToATickForTenYears([Range(1, 5)] int seed)
    {
        SeededRandom random = new("instants", (ulong)seed);
        World world = new();
        world.Memory.Write(0xFED0_0010, 4, 1, out _);
        world.Apics[0].WriteRegister(0x320, 0x3_0040);
        world.Apics[0].WriteRegister(0x3E0, 0xB);
        world.Apics[0].WriteRegister(0x380, uint.MaxValue);
        SimTime started = world.Rig.Now;
        for (int i = 0; i < 200; i++)
        {
            world.Rig.Run(SimDuration.FromFemtoseconds((Int128)(random.Below(18_000_000_000_000) * (UInt128)100_000)));
            UInt128 elapsed = (UInt128)(world.Rig.Now - started).Femtoseconds;

            ulong hpet = world.Memory.Read(0xFED0_00F0, 4, out _);
            ulong pm = world.Ports.Read(0x808, 4, out _);
            ulong apic = uint.MaxValue - world.Apics[0].ReadRegister(0x390);
            Assert.Multiple(() =>
            {
                // Computed here from first principles, not by the clock domains.
                Assert.That(hpet, Is.EqualTo((ulong)(elapsed * 14_318_180 / 1_000_000_000_000_000) & uint.MaxValue));
                Assert.That(pm, Is.EqualTo((ulong)(elapsed * 3_579_545 / 1_000_000_000_000_000) & 0xFF_FFFF));
                Assert.That(apic, Is.EqualTo((ulong)(elapsed / 10_000_000 % uint.MaxValue)));
            });
            if (i % 20 == 19)
            {
                world.Rig.Run(Year);
            }
        }

        Assert.That(world.Rig.Now - started, Is.GreaterThan(Year * 10));
    }

    [Test]
    public void PitAndRtcAgreeWithTheOthers()
    {
        World world = new();
        world.Ports.Write(0x43, 1, 0x34, out _);
        world.Ports.Write(0x40, 1, 0, out _);
        world.Ports.Write(0x40, 1, 0, out _);
        ulong start = Rig.PitClock.TicksAt(world.Rig.Now) + 1;
        for (int i = 0; i < 500; i++)
        {
            world.Rig.Run(SimDuration.FromNanoseconds(123_456_789));
            world.Ports.Write(0x43, 1, 0, out _);
            uint low = world.Ports.Read(0x40, 1, out _);
            uint count = low | (world.Ports.Read(0x40, 1, out _) << 8);
            UInt128 ticks = world.Rig.Now.Femtoseconds * 14_318_180 / 12 / 1_000_000_000_000_000;
            Assert.That((ushort)(0 - count), Is.EqualTo((ushort)(ticks - start)));
        }

        // The RTC shows a second 1984 us after it began.
        long seconds = (long)((world.Rig.Now - SimDuration.FromMicroseconds(1984)).WholeNanoseconds / 1_000_000_000);
        Assert.That(world.Rtc.Shown!.Value.Second + (world.Rtc.Shown.Value.Minute * 60), Is.EqualTo(seconds));
    }
}
