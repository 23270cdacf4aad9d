using System.Numerics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>What a recording needs beside retirements so that it can drive an engine: see <see cref="IPathProbe"/>.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private void NoteOperand(RobEntry* e)
    {
        if (_context.PathProbe is not { } probe)
            return;
        switch (e->Info->Class)
        {
            case MicroOpClass.Load or MicroOpClass.Store or MicroOpClass.Atomic or MicroOpClass.Prefetch:
                probe.OnOperand(_context, e->Linear);
                if (e->Device && e->Info->Class == MicroOpClass.Store)
                    probe.OnDevice(_context, e->Op->Rip, PathDeviceAccess.Store, 0);
                break;
            case MicroOpClass.Div:
                probe.OnDivide(_context, e->Op->Rip, (64 - BitOperations.LeadingZeroCount(e->Result)) / 2);
                break;
            default:
                break;
        }
    }

    private void NoteDevice(ulong rip, PathDeviceAccess access, ulong cycles)
    {
        if (TProbe.WatchesRetirement)
            _context.PathProbe?.OnDevice(_context, rip, access, cycles);
    }

    private void NoteMicrocode(Decoded* d, MicrocodeFlags flags, ulong cycles, in StringRange range)
    {
        // Microcode that faulted does not retire: what it took is a part of the time until its exception is delivered.
        if (_context.PathProbe is not { } probe || _state->Host.FaultVector != HostState.NoFault)
            return;
        flags |= _blockerChangedState ? MicrocodeFlags.Refetches : 0;
        flags |= _uppersInUse ? MicrocodeFlags.UppersInUse : 0;
        flags |= _state->Activity != ActivityState.Active ? MicrocodeFlags.Waits : 0;
        MicrocodeRun run = new(cycles, flags, range);
        probe.OnMicrocode(_context, d->Rip, in run);
    }

    private void NoteWake(int delay)
    {
        if (TProbe.WatchesRetirement)
            _context.PathProbe?.OnWake(_context, _now, delay);
    }

    private void NoteCodeStore(bool changed)
    {
        if (TProbe.WatchesRetirement)
            _context.PathProbe?.OnCodeStore(_context, changed);
    }
}
