using System.Buffers.Binary;
using CoSim.Cli.Debug.Target;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Clocks;

/// <summary>
/// Sees every clock that 64-bit programs read, by system call or by the vDSO, and what they got. It only watches: a run is the same with and
/// without it. A reading lies between the beginning and the end of its call; a reader that is interrupted there is not taken for a clock
/// that goes backwards.
/// </summary>
internal sealed unsafe partial class ProgramClockWatch : IPlaceWatcher
{
    private const int Rax = 0, Rsp = 4, Rsi = 6, Rdi = 7;
    private const int TimespecBytes = 16, WordBytes = 8;
    private const long NanosecondsPerSecond = 1_000_000_000, NanosecondsPerMicrosecond = 1000;
    private const int Realtime = 0, RealtimeCoarse = 5;

    /// <summary>Numbers of the system calls (Linux, arch/x86/entry/syscalls/syscall_64.tbl).</summary>
    private const int Gettimeofday = 96, Time = 201, ClockGettime = 228;

    /// <summary>Calls that never end (a signal handler jumped out, a process died) are forgotten when so many are open.</summary>
    private const int MostOpen = 4096;

    private readonly Machine _machine;
    private readonly VdsoCode? _vdso;
    private readonly List<IProgramClockObserver> _observers = [];
    private readonly Dictionary<(ulong AddressSpace, ulong Stack), OpenCall> _open = [];

    /// <summary>Where the vDSO was last seen in an address space.</summary>
    private readonly Dictionary<ulong, ulong> _bases = [];

    /// <summary>Begins to watch a machine that has not run.</summary>
    public ProgramClockWatch(Machine machine)
    {
        _machine = machine;
        _vdso = KernelVdso.Of(machine);
        if (_vdso is { } vdso)
            machine.WatchPlaces(new PlaceWatch(this, vdso.Places));
    }

    /// <summary>Tells somebody from now on.</summary>
    public void Add(IProgramClockObserver observer) => _observers.Add(observer);

    /// <inheritdoc/>
    public void AtPlace(CoreContext core, ulong cycle)
    {
        ulong rip = core.LinearRip, space = core.State->Cr3, stack = core.State->Gpr[Rsp];
        if (_open.TryGetValue((space, stack), out OpenCall call) && call.ByVdso && _vdso!.IsReturn(rip - call.Base))
        {
            _ = _open.Remove((space, stack));
            Span<byte> back = stackalloc byte[WordBytes];
            if (Read(core, stack, back))
                End(core, call, BinaryPrimitives.ReadUInt64LittleEndian(back), cycle);
            return;
        }

        foreach ((ulong address, VdsoFunction function) in _vdso!.Entries)
        {
            if (((rip - address) & 0xFFF) == 0 && IsVdso(core, rip - address))
            {
                _bases[space] = rip - address;
                Begin((space, stack), Arguments(core, function) with { Base = rip - address, ByVdso = true, Since = core.Clock.TimeOf(cycle), Core = core.Index });
                return;
            }
        }
    }

    private static OpenCall Arguments(CoreContext core, VdsoFunction function) => function switch
    {
        VdsoFunction.ClockGettime => new OpenCall(ClockGettime, (int)core.State->Gpr[Rdi], core.State->Gpr[Rsi]),
        VdsoFunction.Gettimeofday => new OpenCall(Gettimeofday, Realtime, core.State->Gpr[Rdi]),
        // time() shows the second of the last tick, which clock_gettime(CLOCK_REALTIME) may have left already (Linux, lib/vdso/gettimeofday.c).
        _ => new OpenCall(Time, RealtimeCoarse, 0),
    };

    private void Begin((ulong AddressSpace, ulong Stack) caller, OpenCall call)
    {
        if (_open.Count >= MostOpen)
            _open.Clear();
        _open[caller] = call;
    }

    /// <summary>A call returns: takes what it has left in the program's memory.</summary>
    private void End(CoreContext core, in OpenCall call, ulong rip, ulong cycle)
    {
        if (!TryResult(core, in call, out long nanoseconds, out long unit))
            return;
        ulong space = core.State->Cr3;
        TimeNamespaceId timens = _bases.TryGetValue(space, out ulong vdso) && IsVdso(core, vdso)
            ? VdsoData.NamespaceAt(core, vdso - _vdso!.DataBelow, call.Clock)
            : default;
        ProgramClockRead read = new()
        {
            Core = core.Index,
            FromCore = call.Core,
            Rip = rip,
            Call = call.Number,
            Clock = call.Clock,
            Since = call.Since,
            Time = core.Clock.TimeOf(cycle),
            Nanoseconds = nanoseconds,
            Unit = unit,
            ByVdso = call.ByVdso,
            BySystemCall = call.BySystemCall,
            AddressSpace = space,
            Thread = CpuState.Segment(core.State, SegmentIndex.Fs).Base,
            Namespace = timens,
        };
        foreach (IProgramClockObserver observer in _observers)
            observer.OnProgramClock(in read);
    }

    /// <summary>What a call has returned. False for an error, for a caller who wants no time, and for a time that 64 bits of nanoseconds cannot hold.</summary>
    private bool TryResult(CoreContext core, in OpenCall call, out long nanoseconds, out long unit)
    {
        const long mostSeconds = (long.MaxValue / NanosecondsPerSecond) - 1;
        long result = (long)core.State->Gpr[Rax];
        (nanoseconds, unit) = (0, call.Number switch { Time => NanosecondsPerSecond, Gettimeofday => NanosecondsPerMicrosecond, _ => 1 });
        if (call.Number == Time)
        {
            nanoseconds = result is > 0 and < mostSeconds ? result * NanosecondsPerSecond : 0;
            return nanoseconds > 0;
        }

        Span<byte> content = stackalloc byte[TimespecBytes];
        if ((int)result != 0 || !Read(core, call.Result, content))
            return false;
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(content), rest = BinaryPrimitives.ReadInt64LittleEndian(content[WordBytes..]);
        if (seconds is < -mostSeconds or > mostSeconds || rest < 0 || rest >= NanosecondsPerSecond / unit)
            return false;
        nanoseconds = (seconds * NanosecondsPerSecond) + (rest * unit);
        return true;
    }

    /// <summary>Memory as the core sees it, with the stores that it has not written yet.</summary>
    private bool Read(CoreContext core, ulong linear, Span<byte> content) =>
        TargetMemory.ReadLinear(_machine.Cores[core.Index], linear, content) == content.Length;

    private bool IsVdso(CoreContext core, ulong at)
    {
        ReadOnlySpan<byte> head = _vdso!.Head;
        Span<byte> there = stackalloc byte[head.Length];
        return core.Virtual.Peek(at, there) == there.Length && there.SequenceEqual(head);
    }

    /// <summary>A call that has not returned.</summary>
    /// <param name="Number">Of the system call that does the same.</param>
    /// <param name="Clock">The clock.</param>
    /// <param name="Result">Where the program wants the time.</param>
    private readonly record struct OpenCall(int Number, int Clock, ulong Result)
    {
        /// <summary>Where the vDSO is mapped; 0 for a system call of the program.</summary>
        public ulong Base { get; init; }

        /// <summary>Whether the program called the vDSO.</summary>
        public bool ByVdso { get; init; }

        /// <summary>Whether the kernel was called.</summary>
        public bool BySystemCall { get; init; }

        /// <summary>When it began.</summary>
        public SimTime Since { get; init; }

        /// <summary>The core on which it began.</summary>
        public int Core { get; init; }
    }
}
