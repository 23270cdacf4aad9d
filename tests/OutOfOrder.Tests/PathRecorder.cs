using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Keeps what an executing engine tells, and gives it to a <see cref="RecordedPath"/> step by step, as a trace would.</summary>
internal sealed class PathRecorder : IPathProbe
{
    private readonly List<Action<RecordedPath>> _told = [];

    /// <summary>What retired: address, core cycle.</summary>
    public List<(ulong Rip, ulong Cycle)> Retired { get; } = [];

    /// <summary>The path that was recorded.</summary>
    public RecordedPath Path()
    {
        int next = 0;
        RecordedPath path = null!;
        path = new RecordedPath(() =>
        {
            if (next == _told.Count)
                return false;
            _told[next++](path);
            return true;
        });
        path.AddContext(new PathContext(0, IsLong: true, Paging: true, LoadFenceSerialises: false));
        return path;
    }

    public void Retire(ulong rip, ulong cycle)
    {
        Retired.Add((rip, cycle));
        _told.Add(p => p.Add(PathStepKind.Instruction, rip, cycle, 0));
    }

    public void OnBlock(CoreContext core, in BlockKey key, ulong secondPage, ReadOnlySpan<byte> bytes)
    {
        BlockKey where = key;
        byte[] copy = bytes.ToArray();
        _told.Add(p => p.AddBlock(where, secondPage, copy));
    }

    public void OnWalk(CoreContext core, ulong linear, in Translation translation, bool commit)
    {
        Translation t = translation;
        _told.Add(p =>
        {
            if (!commit || !p.KnowsPage(linear))
                p.AddPage(linear, in t);
        });
    }

    public void OnFlush(CoreContext core, ulong? page) => _told.Add(p => p.AddFlush(page));

    public void OnOperand(CoreContext core, ulong linear) => _told.Add(p => p.AddOperand(linear));

    public void OnMicrocode(CoreContext core, ulong rip, in MicrocodeRun run)
    {
        MicrocodeRun copy = run;
        _told.Add(p => p.Next.Microcode.Add(copy));
    }

    public void OnDevice(CoreContext core, ulong rip, PathDeviceAccess access, ulong cycles)
    {
    }

    public void OnWake(CoreContext core, ulong cycle, int delay) => _told.Add(p => p.Add(PathStepKind.Wake, 0, cycle, delay));

    public void OnDivide(CoreContext core, ulong rip, int steps) => _told.Add(p => p.AddDivide(rip, steps));

    public void OnCodeStore(CoreContext core, bool changed) => _told.Add(p => p.NoteCodeStore(changed));
}

/// <summary>Tells a recorder what retires.</summary>
internal struct RecordingProbe : IDetailedProbe
{
    public PathRecorder? Recorder;

    public static bool WatchesRetirement => true;

    public static bool WatchesMicroOps => false;

    public readonly void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => Recorder?.Retire(rip, cycle);

    public readonly void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles)
    {
    }

    public readonly void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    public readonly void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}

/// <summary>Makes an engine follow a recording, and keeps what retires.</summary>
internal struct FollowingProbe : IDetailedProbe
{
    public List<(ulong Rip, ulong Cycle)>? Retired;

    public static bool WatchesRetirement => true;

    public static bool WatchesMicroOps => false;

    public static bool FollowsRecording => true;

    public readonly void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles) => Retired?.Add((rip, cycle));

    public readonly void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles)
    {
    }

    public readonly void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    public readonly void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}
