using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>The local APIC timer as a function of time against one that counts, and the probe that watches it.</summary>
public sealed class LocalApicTimerPropertyTests
{
    [Test]
    public void CountAndInterruptsEqualThoseOfACountingTimer([Range(1, 40)] int seed)
    {
        SeededRandom random = new("timer", (ulong)seed);
        ApicRig rig = new(1);
        LocalApic apic = rig.Apics[0];
        apic.WriteRegister(0xF0, 0x1FF);
        Counting model = new();
        int interrupts = 0;
        for (int i = 0; i < 5000; i++)
        {
            if (random.Chance(1, 50))
            {
                model.Start((uint)random.Below(60));
                apic.WriteRegister(0x380, model.Initial);
            }

            if (random.Chance(1, 80))
            {
                uint code = (uint)random.Below(8);
                model.SetDivide(code);
                apic.WriteRegister(0x3E0, (code & 3) | ((code & 4) << 1));
            }

            if (random.Chance(1, 80))
            {
                model.SetMode(random.Chance(1, 2), random.Chance(1, 3));
                apic.WriteRegister(0x320, 0x40 | (model.Masked ? 1u << 16 : 0) | (model.Periodic ? 1u << 17 : 0));
            }

            rig.Rig.RunTicks(Rig.Refclk, 1);
            interrupts += model.Tick() ? 1 : 0;
            Rig.Same(apic.ReadRegister(0x390), model.Count, seed, i, "TMCCT");
            if (rig.Cores[0].Request)
            {
                Rig.Same(apic.Acknowledge(), 0x40, seed, i, "the vector");
                apic.WriteRegister(0xB0, 0);
                interrupts--;
            }

            Rig.Same((ulong)interrupts, 0, seed, i, "interrupts due less taken");
        }
    }

    [Test]
    public void ProbesSeeProgrammingExpiryAndAcceptance()
    {
        ApicRig rig = new(1);
        Recorder recorder = new();
        rig.Rig.Services.Watcher = recorder;
        LocalApic apic = rig.Apics[0];
        apic.WriteRegister(0xF0, 0x1FF);
        apic.WriteRegister(0x320, 0x40);
        apic.WriteRegister(0x3E0, 0xB);
        apic.WriteRegister(0x380, 100);
        rig.Rig.Run(SimDuration.FromMicroseconds(2));
        apic.ReadRegister(0x390);
        Assert.That(recorder.Lines, Is.EqualTo(new[]
        {
            "programmed apic0.timer never",
            "programmed apic0.timer never",
            "programmed apic0.timer 0.000001000 s",
            "expired apic0.timer",
            "accepted 0 40 0",
            "read apic0.timer 0",
        }));
    }

    private sealed class Recorder : IDeviceProbe
    {
        public List<string> Lines { get; } = [];

        public void ClockRead(string clock, SimTime time, ulong value) => Lines.Add($"read {clock} {value}");

        public void TimerProgrammed(string timer, SimTime time, SimTime expiry) => Lines.Add($"programmed {timer} {expiry}");

        public void TimerExpired(string timer, SimTime time) => Lines.Add($"expired {timer}");

        public void LineChanged(string line, SimTime time, bool asserted) => Lines.Add($"line {line} {asserted}");

        public void PostCode(SimTime time, byte code) => Lines.Add($"post {code:X2}");

        public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode) => Lines.Add($"accepted {apic} {vector:X2} {mode}");
    }

    private sealed class Counting
    {
        private uint _prescaler;
        private int _divisor = 2;

        public uint Initial { get; private set; }

        public uint Count { get; private set; }

        public bool Periodic { get; private set; }

        public bool Masked { get; private set; } = true;

        public void Start(uint initial)
        {
            Initial = initial;
            Count = initial;
            _prescaler = 0;
        }

        public void SetDivide(uint code)
        {
            _divisor = code == 7 ? 1 : 2 << (int)code;
            _prescaler = 0;
        }

        public void SetMode(bool periodic, bool masked)
        {
            Periodic = periodic;
            Masked = masked;
        }

        /// <summary>One REFCLK tick. True when it interrupts.</summary>
        public bool Tick()
        {
            if (Count == 0 || ++_prescaler < _divisor)
            {
                return false;
            }

            _prescaler = 0;
            Count--;
            if (Count != 0)
            {
                return false;
            }

            Count = Periodic ? Initial : 0;
            return !Masked;
        }
    }
}
