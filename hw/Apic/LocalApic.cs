using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Apic;

/// <summary>
/// The local APIC of one logical processor, in xAPIC and x2APIC mode (AMD64 APM volume 2, chapter 16; PPR 55803 for family 17h
/// model 31h).
/// </summary>
/// <remarks>
/// Inputs, for <see cref="SetInput"/>: 0 LINT0, 1 LINT1, 2 thermal, 3 performance counter, 4 to 7 the extended local vectors
/// (IBS, MCE threshold, deferred error, unused).
/// </remarks>
public sealed partial class LocalApic : ICoreInterruptController, IInterruptInput, IStateful
{
    /// <summary>Size of the xAPIC register page.</summary>
    public const int PageSize = 0x1000;

    private const ulong BootProcessorBit = 1 << 8;
    private const ulong ExtendedModeBit = 1 << 10;
    private const ulong EnableBit = 1 << 11;
    private const ulong ResetBase = 0xFEE0_0000;

    private readonly LocalApicSpec _spec;
    private readonly DeviceServices _services;
    private readonly ICoreSignals _core;
    private readonly InterruptFabric _fabric;
    private readonly IExternalInterruptController? _external;
    private readonly RegisterBank<LocalApic> _registers;
    private readonly LocalApicTimer _timer;
    private readonly int _index;
    private readonly string _timerName;
    private ulong _apicBase;

    /// <summary>Makes a local APIC out of reset and joins it to the fabric.</summary>
    /// <param name="spec">What it is made of.</param>
    /// <param name="services">Time, log, probe.</param>
    /// <param name="core">The processor that it interrupts.</param>
    /// <param name="fabric">Carries messages.</param>
    /// <param name="external">The 8259s behind ExtINT; null where the board has none.</param>
    public LocalApic(LocalApicSpec spec, DeviceServices services, ICoreSignals core, InterruptFabric fabric, IExternalInterruptController? external)
    {
        _spec = spec;
        _services = services;
        _core = core;
        _fabric = fabric;
        _external = external;
        StateName = $"apic{spec.Id}";
        _timerName = $"{StateName}.timer";
        _timer = new LocalApicTimer(_timerName, spec.TimerClock, services.Events, TimerExpired);
        _registers = new RegisterBank<LocalApic>(LocalApicRegisters.Table, this, StateName, services.Log);
        _index = fabric.Join(this);
        Reset();
    }

    public string StateName { get; }

    /// <summary>The APIC ID: 8 bits in xAPIC mode, 32 in x2APIC mode.</summary>
    public uint Id => _spec.Id;

    public ulong ApicBase => _apicBase;

    /// <summary>APIC_BASE bit 11. When false the core's INTR and NMI pins are LINT0 and LINT1.</summary>
    public bool Enabled => (_apicBase & EnableBit) != 0;

    /// <summary>APIC_BASE bit 10.</summary>
    public bool ExtendedMode => (_apicBase & ExtendedModeBit) != 0;

    internal uint Version => _spec.Version;

    /// <summary>When the timer will interrupt next; never while it is stopped or masked.</summary>
    public SimTime TimerExpiry => _timer.ExpiryTime;

    /// <summary>The timer's present count.</summary>
    public uint TimerCount => _timer.CurrentCount;

    /// <summary>A reset of the processor: xAPIC mode, enabled, at FEE00000h.</summary>
    public void Reset()
    {
        _apicBase = ResetBase | EnableBit | (_spec.BootProcessor ? BootProcessorBit : 0);
        ResetRegisters();
    }

    /// <summary>All registers with their fields, for those who watch.</summary>
    public IEnumerable<NamedRegister> Registers => _registers.Named();

    /// <summary>All registers by name, without side effects.</summary>
    public IEnumerable<(string Name, int Offset, int Bytes, ulong Value)> Dump() => _registers.Dump();

    public void Save(StateWriter writer)
    {
        writer.UInt64(_apicBase);
        _registers.Save(writer);
        _timer.Save(writer);
        _requested.Save(writer);
        _inService.Save(writer);
        _levelTriggered.Save(writer);
        _enabledVectors.Save(writer);
        writer.Byte(_errors);
        writer.Byte(_reportedErrors);
        writer.Bool(_externalMessage);
        writer.Byte(_inputs);
        writer.Byte(_remoteIrr);
    }

    public void Restore(StateReader reader)
    {
        _apicBase = reader.UInt64();
        _registers.Restore(reader);
        _timer.Restore(reader);
        _requested.Restore(reader);
        _inService.Restore(reader);
        _levelTriggered.Restore(reader);
        _enabledVectors.Restore(reader);
        _errors = reader.Byte();
        _reportedErrors = reader.Byte();
        _externalMessage = reader.Bool();
        _inputs = reader.Byte();
        _remoteIrr = reader.Byte();
        UpdateRequest();
    }

    /// <summary>What INIT and a change of mode through "disabled" do: all registers but the ID and APIC_BASE (APM 16.3.2 and table 16-2).</summary>
    private void ResetRegisters()
    {
        _registers.Reset();
        _timer.Reset();
        _requested.Fill(false);
        _inService.Fill(false);
        _levelTriggered.Fill(false);
        _enabledVectors.Fill(true);
        _errors = 0;
        _reportedErrors = 0;
        _externalMessage = false;
        _remoteIrr = 0;
        UpdateRequest();
    }
}
