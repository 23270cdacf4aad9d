using CoSim.Hw.Apic;
using CoSim.Hw.Hpet;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <content>Memory, cores and wires.</content>
public sealed partial class Machine
{
    private readonly ApmPorts _apm;
    private readonly NumericErrorPort _numericErrors;
    private readonly LegacyTimerRouting _timerRouting;

    private static PhysicalMemory BuildMemory(MachineSpec spec)
    {
        ulong low = Math.Min(spec.MemoryBytes, MemoryMap.LowRamLimit);
        PhysicalMemory memory = new();
        memory.AddRam(0, MemoryMap.VgaHole);
        memory.AddRam(MemoryMap.ShadowRam, low - MemoryMap.ShadowRam);
        if (spec.Devices.HasFlag(EmulatorDevices.TextScreen))
        {
            memory.AddRam(TextScreen.MemoryStart, TextScreen.MemoryLength);
        }

        if (spec.MemoryBytes > low)
        {
            memory.AddRam(MemoryMap.FourGibibytes, spec.MemoryBytes - low);
        }

        memory.AddRom(MemoryMap.FlashWindow, spec.Flash);
        ulong top = MemoryMap.FlashWindow + (ulong)spec.Flash.Length - MemoryMap.FlashTopLength;
        ulong hidden = 0;
        if (spec.Devices.HasFlag(EmulatorDevices.TestDevice))
        {
            // The test device's memory covers the first part of the flash there.
            hidden = MemoryMap.TestMemoryLength;
            memory.AddRam(MemoryMap.FlashTop, hidden);
        }

        memory.AddRomAlias(MemoryMap.FlashTop + hidden, MemoryMap.FlashTopLength - hidden, top + hidden);
        return memory;
    }

    private static IoApicSpec IoApicSpecOf(MachineSpec spec)
    {
        // Programs for the test device expect the 82093AA that comes with it.
        IoApicSpec usual = new() { Id = checked((byte)spec.Cores), IdBits = spec.Devices.HasFlag(EmulatorDevices.TestDevice) ? 4 : 8 };
        bool inverted = spec.Quirks is { TimerPinActiveLow: true, TimerPin: >= 0 };
        return inverted ? usual with { ActiveLowPins = usual.ActiveLowPins ^ (1UL << spec.Quirks.TimerPin) } : usual;
    }

    private static HpetSpec HpetSpecOf(HpetQuirks quirks, ClockDomain clock)
    {
        HpetSpec usual = new() { Clock = clock };
        return usual with
        {
            DecodeEnabled = !quirks.Absent,
            CounterStuck = quirks.CounterStuck,
            PeriodFemtoseconds = quirks.PeriodZero ? 0 : quirks.PeriodFemtoseconds != 0 ? quirks.PeriodFemtoseconds : usual.PeriodFemtoseconds,
            UnknownConfiguration = quirks.UnknownConfiguration,
            ComparatorLatchTicks = quirks.ComparatorLatchTicks ?? usual.ComparatorLatchTicks,
            StaleReadBack = quirks.StaleReadBack,
            InitialCounter = quirks.InitialCounter,
            Latency = usual.Latency with { Read = quirks.ReadLatency ?? usual.Latency.Read },
        };
    }

    private static PmSpec PmSpecOf(PowerTimerQuirks quirks, ClockDomain clock) => new()
    {
        TimerClock = clock,
        TimerStuck = quirks.Stuck,
        TimerUnlatched = quirks.Unlatched,
        InitialTimer = quirks.InitialCount,
    };

    private static RtcSpec RtcSpecOf(MachineSpec spec, ClockTree clocks)
    {
        const long secondsPerDay = 86_400;
        (int year, int month, int day) = CivilDate(spec.RtcUnixSeconds / secondsPerDay);
        int second = (int)(spec.RtcUnixSeconds % secondsPerDay);
        return new RtcSpec
        {
            Clock = clocks.Rtc,
            Start = new CalendarTime(year, month, day, second / 3600, second / 60 % 60, second % 60),
            ExtendedMemory = spec.MemoryBytes - MemoryMap.OneMebibyte,
        };
    }

    /// <summary>The Gregorian date of a day counted from 1970-01-01.</summary>
    private static (int Year, int Month, int Day) CivilDate(long days)
    {
        DateOnly date = DateOnly.FromDayNumber((int)days + new DateOnly(1970, 1, 1).DayNumber);
        return (date.Year, date.Month, date.Day);
    }

    private MachineCore[] BuildCores(IEngineFactory engines)
    {
        CodeCache code = new(Memory);
        if (Spec.Translate)
        {
            // Where the host does not allow it, the portable engine does the same, only slower.
            _ = code.Translate(CodeCache.DefaultThreshold);
        }

        CoreEnvironment environment = new()
        {
            Memory = Memory,
            Mmio = Mmio,
            Ports = Ports,
            Events = Events,
            Clock = Clocks.Core,
            Code = code,
        };
        MachineCore[] cores = new MachineCore[Spec.Cores];
        for (int i = 0; i < cores.Length; i++)
        {
            InterruptLine numericError = new($"ferr{i}");
            numericError.Connect(_numericErrors, i);
            CoreContext context = new(environment, i, this) { Spec = CoreSpecOf(i), NumericError = numericError };
            LocalApicSpec apicSpec = new() { Id = (uint)i, BootProcessor = i == 0, TimerClock = Clocks.Refclk };
            LocalApic apic = new(apicSpec, _services, context, Fabric, i == 0 ? Pic : null);
            context.Interrupts = apic;
            context.Woken += OnCoreWoken;
            ResetState.Reset(context);
            cores[i] = new MachineCore(context, apic, engines);
            cores[i].Use(Spec.Engine, 0);
        }

        return cores;
    }

    private CoreSpec CoreSpecOf(int index)
    {
        ulong low = Math.Min(Spec.MemoryBytes, MemoryMap.LowRamLimit);
        return new CoreSpec
        {
            CoreCount = Spec.Cores,
            TopOfMemory = low,
            TopOfMemory2 = Spec.MemoryBytes > low ? MemoryMap.FourGibibytes + Spec.MemoryBytes - low : 0,
            TscOffset = UptimeTicks + (index < Spec.TscOffsets.Count ? Spec.TscOffsets[index] : 0),
            BaseMegahertz = Spec.Model.BaseMegahertz,
            SlowerMegahertz = Spec.Model.SlowerMegahertz,
            ModelName = Spec.Model.Name,
            ModelCores = Spec.Model.Cores,
            DeviceWriteSettling = Spec.Devices.HasFlag(EmulatorDevices.TestDevice) ? Fabric.MessageLatency : SimDuration.Zero,
            WaitsForNumericErrors = !Spec.Devices.HasFlag(EmulatorDevices.TestDevice),
            Seed = Spec.Seed,
        };
    }

    /// <summary>TSC ticks before the simulation began.</summary>
    private long UptimeTicks => (long)((UInt128)Spec.Quirks.ReferenceUptime * Spec.Model.BaseMegahertz / 100);

    private void WireInterrupts()
    {
        const int firstPciPin = 16;
        Pit.Output.Connect(_timerRouting, LegacyTimerRouting.PitInput);
        Rtc.Output.Connect(_timerRouting, LegacyTimerRouting.RtcInput);
        Rtc.Output.Connect(PowerManagement, PmBlock.RtcInput);
        Hpet.Legacy0.Connect(_timerRouting, LegacyTimerRouting.Hpet0Input);
        Hpet.Legacy1.Connect(_timerRouting, LegacyTimerRouting.Hpet1Input);
        Hpet.LegacyReplacement.Connect(_timerRouting, LegacyTimerRouting.ReplacementInput);

        // IRQ 0 goes to IO-APIC pin 2, as the MADT's override says; every other ISA line to the pin of its number.
        _timerRouting.Irq0.Connect(Pic, 0);
        if (Spec.Quirks.TimerPin >= 0)
            _timerRouting.Irq0.Connect(IoApic, Spec.Quirks.TimerPin);
        ConnectIsa(_timerRouting.Irq8, irq: 8, pin: 8);
        ConnectIsa(Console.Output, irq: 4, pin: 4);
        ConnectIsa(PowerManagement.Sci, irq: 9, pin: 9);
        ConnectIsa(_numericErrors.Output, irq: 13, pin: 13);
        for (int pin = firstPciPin; pin < IoApic.Spec.Pins; pin++)
        {
            Hpet.PinLines[pin]?.Connect(IoApic, pin);
        }

        _apm.Smi.Connect(new SmiBroadcast(Cores), 0);
        NumericErrorWires ignore = new(Cores);
        for (int core = 0; core < Cores.Count; core++)
        {
            _numericErrors.Ignore[core].Connect(ignore, core);
        }

        if (Spec.Quirks.PicWired)
        {
            Pic.Output.Connect(Cores[0].Apic, LocalInterrupt0);
            if (Spec.Quirks.TimerPin != 0)
                Pic.Output.Connect(IoApic, 0);
        }
    }

    private void ConnectIsa(InterruptLine line, int irq, int pin)
    {
        line.Connect(Pic, irq);
        line.Connect(IoApic, pin);
    }

    private void MapDevices()
    {
        Mmio.Map("ioapic", MemoryMap.IoApic, IoApic.WindowSize, IoApic, IoApic.Spec.Latency);
        Mmio.Map("hpet", Spec.Quirks.Hpet.BaseAddress != 0 ? Spec.Quirks.Hpet.BaseAddress : MemoryMap.Hpet, HpetWindow, Hpet, Hpet.Spec.Latency);
        FchPowerManagement.Map(Mmio, Ports);
        Pci.Map(Mmio, Ports);
        Pic.Map(Ports);
        Pit.Map(Ports);
        Rtc.Map(Ports);
        PowerManagement.Map(Ports);
        Console.Map(Ports);
        ResetPorts.Map(Ports);
        Post.Map(Ports);
        _apm.Map(Ports);
        _numericErrors.Map(Ports);
        if (Spec.Quirks.PowerTimer.ReadLatency is { } read)
            SlowDown(new SetReadLatency("pmtmr", read));
    }

    /// <summary>The HPET's window: 512 bytes on EPYC Rome.</summary>
    private const ulong HpetWindow = 0x200;
}
