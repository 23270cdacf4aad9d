using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>A fabric with local APICs whose IDs are 0, 1, ... and cores that record.</summary>
internal sealed class ApicRig
{
    public ApicRig(int count)
    {
        Fabric = new InterruptFabric(new InterruptFabricSpec(), Rig.Services);
        for (int i = 0; i < count; i++)
        {
            FakeCore core = new();
            Cores.Add(core);
            Apics.Add(new LocalApic(
                new LocalApicSpec { Id = (uint)i, BootProcessor = i == 0, TimerClock = Devices.Tests.Rig.Refclk },
                Rig.Services,
                core,
                Fabric,
                External));
        }
    }

    public Rig Rig { get; } = new();

    public InterruptFabric Fabric { get; }

    public List<FakeCore> Cores { get; } = [];

    public List<LocalApic> Apics { get; } = [];

    public FakePic External { get; } = new();

    public void SelfIpi(int apic, byte vector)
    {
        Apics[apic].WriteRegister(0x300, 0x4_0000u | vector);
        Settle();
    }

    /// <summary>Lets messages arrive.</summary>
    public void Settle() => Rig.Run(SimDuration.FromMicroseconds(1));

    internal sealed class FakePic : IExternalInterruptController
    {
        public byte Vector { get; set; }

        public byte AcknowledgeExternal() => Vector;
    }
}
