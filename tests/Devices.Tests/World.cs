using CoSim.Hw.Apic;
using CoSim.Hw.Hpet;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>Every device of a board, wired as a board wires them, with two recording cores that take interrupts at once.</summary>
internal sealed class World : IConsole
{
    private const ulong IoApicBase = 0xFEC0_0000;
    private const ulong HpetBase = 0xFED0_0000;

    private readonly LegacyTimerRouting _routing = new();
    private readonly List<IStateful> _components = [];
    private readonly FakeMachine _machine = new();
    private readonly Action[] _resets;

    public World()
    {
        Fabric = new InterruptFabric(new InterruptFabricSpec(), Rig.Services);
        Pic = new PicPair();
        for (int i = 0; i < 2; i++)
        {
            FakeCore core = new();
            Cores.Add(core);
            LocalApicSpec spec = new() { Id = (uint)i, BootProcessor = i == 0, TimerClock = Devices.Tests.Rig.Refclk };
            Apics.Add(new LocalApic(spec, Rig.Services, core, Fabric, i == 0 ? Pic : null));
        }

        IoApic = new IoApic(new IoApicSpec(), Rig.Services, Fabric);
        Hpet = new HpetBlock(new HpetSpec { Clock = Devices.Tests.Rig.HpetClock }, Rig.Services, Fabric);
        Pit = new Pit8254(Devices.Tests.Rig.PitClock, Rig.Services);
        Rtc = new Rtc(new RtcSpec { Clock = Devices.Tests.Rig.RtcClock }, Rig.Services);
        Pm = new PmBlock(new PmSpec { TimerClock = Devices.Tests.Rig.PmClock }, Rig.Services, _machine);
        FchPowerManagement fch = new(Rig.Services, Hpet.Configure);
        Uart16550 uart = new(new UartSpec { Paced = true }, Rig.Services, this);
        PciConfiguration pci = new(PciFunctionSpec.Rome, Rig.Services);
        ResetPorts reset = new(Rig.Services, _machine);
        _resets = [Fabric.Reset, Hpet.Reset, Pit.Reset, Pic.Reset, Rtc.Reset, Pm.Reset, fch.Reset, uart.Reset, pci.Reset, reset.Reset];
        ApmPorts apm = new();
        PostPort post = new(Rig.Services);

        Pit.Output.Connect(_routing, LegacyTimerRouting.PitInput);
        Rtc.Output.Connect(_routing, LegacyTimerRouting.RtcInput);
        Hpet.Legacy0.Connect(_routing, LegacyTimerRouting.Hpet0Input);
        Hpet.Legacy1.Connect(_routing, LegacyTimerRouting.Hpet1Input);
        Hpet.LegacyReplacement.Connect(_routing, LegacyTimerRouting.ReplacementInput);
        Connect(_routing.Irq0, 0, 2);
        Connect(_routing.Irq8, 8, 8);
        Connect(uart.Output, 4, 4);
        Connect(Pm.Sci, 9, 9);
        Hpet.PinLines[22]!.Connect(IoApic, 22);
        Hpet.PinLines[23]!.Connect(IoApic, 23);
        Pic.Output.Connect(Apics[0], 0);
        Pic.Output.Connect(IoApic, 0);

        Memory.Map("ioapic", IoApicBase, IoApic.WindowSize, IoApic, IoApic.Spec.Latency);
        Memory.Map("hpet", HpetBase, HpetRegisters.WindowSize, Hpet, Hpet.Spec.Latency);
        fch.Map(Memory, Ports);
        pci.Map(Memory, Ports);
        Pic.Map(Ports);
        Pit.Map(Ports);
        Rtc.Map(Ports);
        Pm.Map(Ports);
        uart.Map(Ports);
        reset.Map(Ports);
        apm.Map(Ports);
        post.Map(Ports);
        _components.AddRange([Fabric, IoApic, Hpet, Pic, Pit, Rtc, Pm, fch, uart, pci, reset, post, apm, _routing, .. Apics]);
    }

    public Rig Rig { get; } = new();

    public MmioBus Memory { get; } = new();

    public PortBus Ports { get; } = new();

    public InterruptFabric Fabric { get; }

    public List<FakeCore> Cores { get; } = [];

    public List<LocalApic> Apics { get; } = [];

    public IoApic IoApic { get; }

    public HpetBlock Hpet { get; }

    public PicPair Pic { get; }

    public Pit8254 Pit { get; }

    public Rtc Rtc { get; }

    public PmBlock Pm { get; }

    /// <summary>Everything that software could observe, in order.</summary>
    public List<string> Observed { get; } = [];

    public void Transmit(byte value) => Observed.Add($"tx {value:X2}");

    public byte[] Save() => Rig.Save([.. _components]);

    public void Restore(byte[] snapshot) => Rig.Restore(snapshot, [.. _components]);

    /// <summary>A warm reset of everything.</summary>
    public void Reset()
    {
        IoApic.Reset();
        Array.ForEach(_resets, static reset => reset());
        Apics.ForEach(static apic => apic.Reset());
        Fabric.Reset();
    }

    /// <summary>One random step of software: an access, a wait or taking an interrupt. Interrupts are taken soon after they are raised.</summary>
    public void Step(SeededRandom random)
    {
        switch (random.Below(8))
        {
            case 0 or 1:
                Rig.Run(SimDuration.FromNanoseconds((long)random.Below(random.Chance(1, 20) ? 3_000_000_000UL : 200_000UL)));
                break;
            case 2:
                RandomPort(random);
                break;
            case 3:
                RandomMemory(random);
                break;
            case 4:
                RandomApic(random);
                break;
            default:
                ProgramTimer(random);
                break;
        }

        TakeInterrupts();
    }

    private void TakeInterrupts()
    {
        for (int i = 0; i < Cores.Count; i++)
        {
            for (int taken = 0; Cores[i].Request && taken < 4; taken++)
            {
                Observed.Add($"{Rig.Now} core {i} takes {Apics[i].Acknowledge():X2}");
                Apics[i].WriteRegister(0xB0, 0);
                Ports.Write(0xA0, 1, 0x20, out _);
                Ports.Write(0x20, 1, 0x20, out _);
            }
        }
    }

    private void RandomPort(SeededRandom random)
    {
        ushort[] ports =
        [
            0x20, 0x21, 0x40, 0x41, 0x42, 0x43, 0x61, 0x70, 0x71, 0x72, 0x73, 0x80, 0x92, 0xA0, 0xA1, 0xB2, 0x3F8, 0x3F9, 0x3FA, 0x3FB, 0x3FC,
            0x3FD, 0x3FE, 0x4D0, 0x4D1, 0x800, 0x802, 0x804, 0x808, 0x820, 0x824, 0xCD6, 0xCD7, 0xCF8, 0xCF9, 0xCFC,
        ];
        ushort port = ports[random.Below((ulong)ports.Length)];
        int size = 1 << (int)random.Below(3);
        if (random.Chance(1, 2))
        {
            Observed.Add($"{Rig.Now} in {port:X} {Ports.Read(port, size, out _):X}");
        }
        else
        {
            Ports.Write(port, size, (uint)random.NextUInt64(), out _);
        }
    }

    private void RandomMemory(SeededRandom random)
    {
        ulong address = random.Below(4) switch
        {
            0 => IoApicBase + (random.Below(6) * 0x10),
            1 => 0xE000_0000 + (random.Below(0x200) << 12) + random.Below(0x40),
            2 => 0xFED8_0300 + random.Below(0x100),
            _ => HpetBase + (random.Below(0x40) * 8),
        };
        int size = 1 << (int)random.Below(4);
        if (random.Chance(1, 2))
        {
            Observed.Add($"{Rig.Now} read {address:X} {Memory.Read(address, size, out _):X}");
        }
        else
        {
            Memory.Write(address, size, random.NextUInt64() & (random.Chance(1, 2) ? 0xFFFF : ulong.MaxValue), out _);
        }
    }

    private void RandomApic(SeededRandom random)
    {
        LocalApic apic = Apics[(int)random.Below(2)];
        int offset = (int)random.Below(0x54) * 16;
        switch (random.Below(6))
        {
            case 0 or 1:
                Observed.Add($"{Rig.Now} apic {apic.Id} {offset:X} {apic.ReadRegister(offset):X}");
                break;
            case 2 or 3:
                apic.WriteRegister(offset, (uint)random.NextUInt64());
                break;
            case 4:
                bool known = apic.TryReadMsr(0x800 + (uint)(offset >> 4), out ulong value);
                Observed.Add($"{Rig.Now} msr {apic.Id} {offset:X} {known} {value:X}");
                break;
            default:
                apic.TryWriteMsr(0x800 + (uint)(offset >> 4), random.NextUInt64() & 0xFFFF);
                break;
        }
    }

    /// <summary>Sensible programming, so that timers do run and interrupts do arrive between the noise.</summary>
    private void ProgramTimer(SeededRandom random)
    {
        switch (random.Below(5))
        {
            case 0:
                LocalApic apic = Apics[(int)random.Below(2)];
                apic.WriteRegister(0xF0, 0x1FF);
                apic.WriteRegister(0x320, (uint)(random.Below(2) << 17) | 0x50);
                apic.WriteRegister(0x3E0, (uint)random.Below(16));
                apic.WriteRegister(0x380, (uint)random.Below(100_000) + 1000);
                break;
            case 1:
                ulong timer = HpetBase + 0x100 + (random.Below(3) * 0x20);
                Memory.Write(timer, 4, 0x44 | (random.Below(2) << 3) | (random.Below(2) << 1) | (22UL << 9), out _);
                Memory.Write(timer + 8, 4, Hpet.Counter + random.Below(100_000), out _);
                Memory.Write(timer + 8, 4, 5000 + random.Below(100_000), out _);
                Memory.Write(HpetBase + 0x10, 4, 1 | (random.Below(2) << 1), out _);
                break;
            case 2:
                Ports.Write(0x43, 1, 0x30 | (uint)(random.Below(6) << 1) | (uint)(random.Below(3) << 6), out _);
                Ports.Write((ushort)(0x40 + random.Below(3)), 2, (uint)random.NextUInt64(), out _);
                break;
            case 3:
                uint pin = (uint)random.Below(24);
                WriteIoApic(0x11 + (2 * pin), (uint)random.Below(2) << 24);
                WriteIoApic(0x10 + (2 * pin), 0x60 + pin + (uint)(random.Below(2) << 15) + (uint)(random.Below(2) << 13));
                break;
            default:
                Ports.Write(0x70, 1, 0x0B, out _);
                Ports.Write(0x71, 1, 0x02 | (uint)(random.Below(8) << 4), out _);
                Ports.Write(0x804, 2, 1, out _);
                Ports.Write(0x802, 2, 0x521, out _);
                break;
        }
    }

    private void WriteIoApic(uint index, uint value)
    {
        Memory.Write(IoApicBase, 4, index, out _);
        Memory.Write(IoApicBase + 0x10, 4, value, out _);
    }

    private void Connect(InterruptLine line, int irq, int pin)
    {
        line.Connect(Pic, irq);
        line.Connect(IoApic, pin);
    }
}
