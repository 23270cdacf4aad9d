using CoSim.Hw.Apic;
using CoSim.Hw.Hpet;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Board;

/// <summary>
/// An EPYC 7002 machine: the composition root. Everything is built and wired here, explicitly, from a <see cref="MachineSpec"/>;
/// nothing else knows more than its neighbours.
/// </summary>
public sealed partial class Machine : IMachineControl, ICoreProbe, IConsole, IDisposable
{
    /// <summary>Cores that a machine can have: those of the largest model, one thread each.</summary>
    public const int MaxCores = 64;

    /// <summary>The largest number on either side of <see cref="MachineSpec.FunctionalRate"/>.</summary>
    public const uint MaxRate = 1000;

    private const int LocalInterrupt0 = 0;

    private readonly IMachineHost _host;
    private readonly DeviceServices _services;
    private readonly List<IStateful> _stateful = [];

    /// <summary>Builds a machine that is about to leave reset.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="host">The world around it.</param>
    /// <param name="engines">Makes its engines.</param>
    public Machine(MachineSpec spec, IMachineHost host, IEngineFactory engines)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(spec.Cores, 1, nameof(spec));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(spec.Cores, MaxCores, nameof(spec));
        if ((FaultCheck.Problem(spec.Quirks) ?? FaultCheck.Problem(spec.Faults, spec.Cores)) is { } problem)
        {
            throw new ArgumentException(problem, nameof(spec));
        }

        Spec = spec;
        _host = host;
        Clocks = new ClockTree(spec.Model, spec.Oscillators, spec.Quirks);
        Events = new EventQueue();
        _services = new DeviceServices(Events, new UnmodelledLog(host.OnUnmodelled));
        Memory = BuildMemory(spec);
        Mmio = new MmioBus { Unclaimed = LegacyLatency.Configuration };
        Ports = new PortBus { Unclaimed = LegacyLatency.Lpc };

        Fabric = new InterruptFabric(new InterruptFabricSpec(), _services);
        IoApic = new IoApic(IoApicSpecOf(spec), _services, Fabric);
        Hpet = new HpetBlock(HpetSpecOf(spec.Quirks.Hpet, Clocks.Hpet), _services, Fabric);
        Pic = new PicPair();
        Pit = new Pit8254(Clocks.Pit, _services);
        Rtc = new Rtc(RtcSpecOf(spec, Clocks), _services);
        PowerManagement = new PmBlock(PmSpecOf(spec.Quirks.PowerTimer, Clocks.PowerManagementTimer), _services, this);
        FchPowerManagement = new FchPowerManagement(_services, Hpet.Configure);
        Console = new Uart16550(new UartSpec(), _services, this);
        Pci = new PciConfiguration(spec.Board == BoardKind.I440Fx ? I440Fx.Functions : PciFunctionSpec.Rome, _services);
        ResetPorts = new ResetPorts(_services, this);
        Post = new PostPort(_services);
        _apm = new ApmPorts();
        _numericErrors = new NumericErrorPort(spec.Cores);
        _timerRouting = new LegacyTimerRouting();

        Cores = BuildCores(engines);
        WireInterrupts();
        MapDevices();
        ArmFaults();
        _resetReference = 0UL - spec.Quirks.ReferenceUptime;
        CollectState();
        AddEmulatorDevices();
        ShadowFlash();
        Events.EarliestChanged += OnEarliestEventChanged;
    }

    public MachineSpec Spec { get; }

    public ClockTree Clocks { get; }

    public EventQueue Events { get; }

    public PhysicalMemory Memory { get; }

    public MmioBus Mmio { get; }

    public PortBus Ports { get; }

    public InterruptFabric Fabric { get; }

    public IoApic IoApic { get; }

    public HpetBlock Hpet { get; }

    public PicPair Pic { get; }

    public Pit8254 Pit { get; }

    public Rtc Rtc { get; }

    public PmBlock PowerManagement { get; }

    public FchPowerManagement FchPowerManagement { get; }

    public Uart16550 Console { get; }

    public PciConfiguration Pci { get; }

    public ResetPorts ResetPorts { get; }

    public PostPort Post { get; }

    /// <summary>The cores, the boot processor first.</summary>
    public IReadOnlyList<MachineCore> Cores { get; }

    /// <summary>The present: the last event's time, or the position of the core that touched a device last.</summary>
    public SimTime Now => Events.Now;

    /// <summary>Who watches the devices; null for nobody.</summary>
    public IDeviceProbe? DeviceProbe
    {
        get => _services.Watcher;
        set => _services.Watcher = value;
    }

    /// <summary>Who watches what the cores do with the world outside them; null for nobody.</summary>
    public IExecutionProbe? ExecutionProbe
    {
        get => Cores[0].Context.ExecutionProbe;
        set
        {
            foreach (MachineCore core in Cores)
            {
                core.Context.ExecutionProbe = value;
            }
        }
    }

    public void Dispose()
    {
        CodeCache code = Cores[0].Context.Code;
        foreach (MachineCore core in Cores)
        {
            core.Dispose();
        }

        code.Dispose();
        Memory.Dispose();
    }
}
