using CoSim.Hw.Hpet;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>The HPET's functions of time against comparators that look at every tick, around the 32-bit wrap.</summary>
public sealed class HpetPropertyTests
{
    private const uint Latch = 2;

    [Test]
    public void MatchesEqualThoseOfATickingBlock([Range(1, 40)] int seed)
    {
        SeededRandom random = new("hpet", (ulong)seed);
        Rig rig = new();
        bool wide = random.Chance(1, 2);
        HpetBlock hpet = new(new HpetSpec { Clock = Rig.HpetClock, Wide = wide }, rig.Services, new FakeMessages());
        FakeInput input = new();
        hpet.PinLines[22]!.Connect(input, 0);
        Ticking model = new() { Wide = wide };
        hpet.WriteMemory(0x100, 4, 0x2C00);
        model.Counter = uint.MaxValue - random.Below(500);
        hpet.WriteMemory(0xF0, 8, model.Counter);
        int edges = 0;
        for (int i = 0; i < 5000; i++)
        {
            if (random.Chance(1, 100))
            {
                model.Running = !model.Running || random.Chance(1, 2);
                hpet.WriteMemory(0x10, 4, model.Running ? 1u : 0);
            }

            if (random.Chance(1, 80))
            {
                model.Periodic = random.Chance(1, 2);
                model.Mode32 = wide && random.Chance(1, 2);
                model.InterruptEnabled = random.Chance(3, 4);
                model.ValueSet = model.Periodic && random.Chance(2, 3);
                hpet.WriteMemory(0x100, 4, 0x2C00 | (model.InterruptEnabled ? 4u : 0) | (model.Periodic ? 8u : 0) |
                                           (model.ValueSet ? 0x40u : 0) | (model.Mode32 ? 0x100u : 0));
            }

            if (random.Chance(1, 40))
            {
                ulong value = random.Chance(1, 3) ? 1 + random.Below(30) : model.Counter + random.Below(60);
                hpet.WriteMemory(0x108, 8, value);
                model.Write(value);
            }

            rig.RunTicks(Rig.HpetClock, 1);
            edges += model.Tick() ? 1 : 0;
            Rig.Same(hpet.ReadMemory(0xF0, 8), model.Counter, seed, i, "the counter");
            Rig.Same(hpet.ReadMemory(0x108, 8), model.Comparator, seed, i, "the comparator");
            Rig.Same((ulong)input.Edges, (ulong)edges, seed, i, "edges");
        }
    }

    [Test]
    public void LookingSeldomGivesTheSameAsLookingOften([Range(1, 30)] int seed)
    {
        SeededRandom random = new("hpet", (ulong)seed);
        Rig often = new();
        Rig seldom = new();
        HpetBlock[] blocks =
        [
            new(new HpetSpec { Clock = Rig.HpetClock }, often.Services, new FakeMessages()),
            new(new HpetSpec { Clock = Rig.HpetClock }, seldom.Services, new FakeMessages()),
        ];
        ulong first = random.Below(100_000);
        ulong period = 1 + random.Below(100_000);
        foreach (HpetBlock block in blocks)
        {
            block.WriteMemory(0x100, 4, 0x4A);
            block.WriteMemory(0x108, 4, first);
            block.WriteMemory(0x108, 4, period);
            block.WriteMemory(0x10, 4, 1);
        }

        ulong total = random.Below(1_000_000_000_000);
        for (int i = 0; i < 100; i++)
        {
            often.RunTicks(Rig.HpetClock, total / 100);
            blocks[0].ReadMemory(0x20, 4);
            blocks[0].WriteMemory(0x20, 4, 0);
        }

        seldom.RunTo(often.Now);
        Assert.That(blocks[1].ReadMemory(0x108, 4), Is.EqualTo(blocks[0].ReadMemory(0x108, 4)), $"seed {seed}");
        Assert.That(blocks[1].ReadMemory(0x20, 4), Is.EqualTo(blocks[0].ReadMemory(0x20, 4)), $"seed {seed}");
    }

    /// <summary>One comparator and the counter, one tick at a time.</summary>
    private sealed class Ticking
    {
        private ulong _period;
        private uint _hold;

        public bool Wide { get; init; }

        public bool Running { get; set; }

        public bool Periodic { get; set; }

        public bool Mode32 { get; set; }

        public bool InterruptEnabled { get; set; }

        public bool ValueSet { get; set; }

        public ulong Counter { get; set; }

        public ulong Comparator { get; private set; } = ulong.MaxValue;

        private ulong CounterMask => Wide ? ulong.MaxValue : uint.MaxValue;

        private ulong Mask => Wide && !Mode32 ? ulong.MaxValue : uint.MaxValue;

        public void Write(ulong value)
        {
            if (Periodic && !ValueSet)
            {
                _period = value & Mask;
            }
            else
            {
                Comparator = value & Mask;
                _hold = Latch;
            }

            ValueSet = false;
        }

        /// <summary>True when the comparator interrupts.</summary>
        public bool Tick()
        {
            Comparator &= Wide ? ulong.MaxValue : uint.MaxValue;
            bool latched = _hold <= 1;
            _hold -= _hold == 0 ? 0 : 1u;
            if (!Running)
            {
                return false;
            }

            Counter = (Counter + 1) & CounterMask;
            if (!latched || ((Counter ^ Comparator) & Mask) != 0)
            {
                return false;
            }

            if (Periodic && _period != 0)
            {
                Comparator = (Comparator + _period) & Mask;
            }

            return InterruptEnabled;
        }
    }
}
