using System.Runtime.InteropServices;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <summary>
/// One core with memory and nothing else, in the mode of choice, for trying a piece of code without firmware or devices.
/// Exceptions and software interrupts end the run before they are delivered. It can be used again and again: the same setup
/// gives the same run, whatever ran before.
/// </summary>
public sealed unsafe partial class BareCore : ICoreProbe, IExceptionInterceptor, IDisposable
{
    /// <summary>Bytes of RAM from address 0: what real mode can address, and a page to make it even.</summary>
    public const ulong RealModeBytes = 0x11_0000;

    /// <summary>The most that can be mapped or, in a reserved region, touched at once, page tables included.</summary>
    public const ulong PoolBytes = 512UL << 20;

    /// <summary>Where the descriptor table and, behind it, the task state segment are mapped, for the supervisor only.</summary>
    public const ulong SystemPages64 = 0xFFFF_FFFF_FFFF_E000, SystemPages32 = 0xFFFF_E000;

    /// <summary>Offset of the task state segment from the descriptor table.</summary>
    internal const ulong TaskOffset = PhysicalMemory.PageSize;

    // Above 4 GiB: a program that switches paging off in 16 or 32-bit mode does not meet page tables by accident.
    private const ulong PoolStart = 4UL << 30;

    // Where the page-directory pointer table of PAE paging lies: CR3 has 32 bits there.
    private const ulong PaeTable = 0x1000;

    // DE_CFG bit 1 (AMD, "Software techniques for managing speculation").
    private const ulong LoadFenceSerialises = 2;

    // Page-fault error code: an instruction fetch (AMD APM vol. 2, 8.4.2); NX is enabled in all paged modes.
    private const uint FetchError = 0x10;

    private const ulong Slice = 1UL << 40;
    private static readonly byte[] s_lowZeros = new byte[RealModeBytes];

    private readonly HashSet<string> _unmodelled = new(StringComparer.Ordinal);
    private readonly BarePages _pages;
    private IReadOnlySet<ulong> _watched = new HashSet<ulong>();
    private bool _running, _lowUsed;

    /// <summary>Makes a core that waits for <see cref="Reset"/>.</summary>
    /// <param name="model">The processor: names it in CPUID, and gives the clock.</param>
    public BareCore(EpycModel model)
    {
        Memory.AddRam(0, RealModeBytes);
        Memory.AddRam(PoolStart, PoolBytes);
        _pages = new BarePages(Memory, PoolStart, PoolBytes);
        Code = new CodeCache(Memory) { KeepAllFlags = true };
        Context = new CoreContext(
            new CoreEnvironment
            {
                Memory = Memory,
                Mmio = new MmioBus(),
                Ports = new PortBus(),
                Events = new EventQueue(),
                Clock = new ClockDomain("core", model.Base, 0),
                Code = Code,
            },
            0,
            this)
        {
            Spec = new CoreSpec { ModelName = model.Name, BaseMegahertz = model.BaseMegahertz, SlowerMegahertz = model.SlowerMegahertz },
            Interceptor = this,
        };
        Context.Virtual.Flushed += page => IsTainted |= _running && page is null;
        Functional = new FunctionalEngine(Context, FunctionalRate.One);
    }

    /// <summary>The core.</summary>
    public CoreContext Context { get; }

    /// <summary>Its architectural state.</summary>
    public CpuState* State => Context.State;

    /// <summary>Its functional engine: one instruction a cycle.</summary>
    public FunctionalEngine Functional { get; }

    /// <summary>RAM: <see cref="RealModeBytes"/> from 0, and the pages behind mappings from 4 GiB.</summary>
    public PhysicalMemory Memory { get; } = new();

    /// <summary>The mode of the last <see cref="Reset"/>.</summary>
    public BareMode Mode { get; private set; }

    /// <summary>What ended the last run, if it was an exception.</summary>
    public BareException? Exception { get; private set; }

    /// <summary>Names of what the code touched and nobody models, in order.</summary>
    public IEnumerable<string> Unmodelled => _unmodelled;

    /// <summary>
    /// The code changed how addresses are translated (CR0, CR3, CR4, EFER), so that it may have written anywhere: dispose this
    /// core and make another for the next run.
    /// </summary>
    public bool IsTainted { get; private set; }

    private CodeCache Code { get; }

    /// <summary>
    /// Resets the core and forgets all memory: registers are zero, RFLAGS 2, x87 as after FNINIT, MXCSR 1F80h, SSE and AVX
    /// enabled; nothing is mapped but the system pages (paged modes) or 0 to 10FFFFh (real mode).
    /// </summary>
    /// <param name="mode">The mode.</param>
    /// <param name="user">Privilege level 3 instead of 0; not in real mode.</param>
    /// <param name="start">Linear address of the first instruction.</param>
    public void Reset(BareMode mode, bool user, ulong start)
    {
        Mode = mode;
        Exception = null;
        _unmodelled.Clear();
        _reserved.Clear();
        ClearMemory(mode);
        ResetState.Reset(Context);
        CpuState* s = State;
        for (int n = 0; n < Reg.GprCount; n++)
            s->Gpr[n] = 0;
        s->X87.Control = 0x37F;
        s->X87.Tag = 0xFFFF;
        s->Executed = s->StallCycles = 0;

        // As every operating system leaves it, and as everybody measures: LFENCE stops dispatch.
        MsrTable.Set(s, MsrNumbers.DecodeConfiguration, LoadFenceSerialises);
        if (mode == BareMode.Real16)
        {
            BareSegments.EnterReal(s, start);
        }
        else
        {
            ulong system = mode == BareMode.Long64 ? SystemPages64 : SystemPages32;
            Map(system, 2 * PhysicalMemory.PageSize, BareAccess.Write | BareAccess.Supervisor);
            Write(system, MemoryMarshal.AsBytes(BareSegments.Descriptors(mode, system + TaskOffset).AsSpan()));

            // No I/O permission bitmap: its offset is that of the end.
            Write(system + TaskOffset + 0x66, [0x68, 0]);
            BareSegments.EnterPaged(s, mode, user, start, mode == BareMode.Long64 ? _pages.Root : PaeTable, system);
            for (int n = 0; n < _pages.Directories.Length && mode == BareMode.Protected32; n++)
                s->Pdpte[n] = _pages.Directories[n];
        }

        s->Activity = ActivityState.Active;
        Context.RefreshMode();
        Context.Virtual.Flush();
    }

    /// <summary>Runs until something ends it. Both engines stop before the instruction at an address, and after an exact count.</summary>
    /// <param name="engine">The engine, attached to this core.</param>
    /// <param name="until">Linear addresses to stop at; one that the run starts at counts from the second time on.</param>
    /// <param name="limit">Instructions at most.</param>
    public BareStop Run(ICoreEngine engine, IReadOnlySet<ulong> until, ulong limit)
    {
        if (!until.SetEquals(_watched))
        {
            // Only then: it empties the translation caches, too.
            Code.Watch(until);
            _watched = until;
        }

        Context.StopAtInstructions = State->Executed + limit;
        ulong cr2 = State->Cr2;
        bool filled;
        do
        {
            // An address that it starts at ends the run when the core comes back to it.
            Context.PassHere();
            Context.Stopped = StopCause.None;
            Exception = null;
            _running = true;
            engine.Run(engine.NowCycles + Slice);
            _running = false;
            filled = FillPage();
            if (filled)
                State->Cr2 = cr2;
        }
        while (filled);

        if (Exception is { ErrorCode: { } error, Cr2: { } address } && (error & FetchError) != 0 && address == Context.LinearRip && until.Contains(address))
        {
            // An address without memory: the functional engine sees the missing page first.
            Exception = null;
            State->Cr2 = cr2;
            Context.Stopped = StopCause.Address;
        }

        Context.StopAtInstructions = CoreContext.NoStop;
        return Exception is not null ? BareStop.Exception
            : State->Activity == ActivityState.Shutdown ? BareStop.Shutdown
            : State->Activity != ActivityState.Active ? BareStop.Halted
            : Context.Stopped == StopCause.Address ? BareStop.Address
            : Context.Stopped == StopCause.Instructions ? BareStop.Limit
            : BareStop.Requested;
    }

    /// <inheritdoc/>
    public bool Intercept(CoreContext core, uint vector, uint errorCode, ExceptionDelivery.Origin origin)
    {
        bool software = origin == ExceptionDelivery.Origin.Software;
        bool hasCode = !software && ExceptionVector.HasErrorCode(vector);
        ulong? address = vector == ExceptionVector.PageFault && !software ? State->Cr2 : null;
        Exception = new BareException(vector, hasCode ? errorCode : null, software, State->Rip, address);
        core.Engine!.RequestStop();
        return true;
    }

    /// <inheritdoc/>
    public void OnMarker(CoreContext core, byte code, ulong rax)
    {
    }

    /// <inheritdoc/>
    public void OnUnmodelled(CoreContext core, string what) => _unmodelled.Add(what);

    /// <inheritdoc/>
    public void OnShutdown(CoreContext core)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Context.Dispose();
        Code.Dispose();
        Memory.Dispose();
    }
}
