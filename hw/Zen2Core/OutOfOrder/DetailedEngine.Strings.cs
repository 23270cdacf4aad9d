using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>
/// What string instructions cost: microcode moves their bytes at once, and this part charges the elements and walks their lines
/// through the caches, one line after the other as the hardware streams them.
/// </content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private const int FewElements = 16;
    private const int CyclesBetweenLines = 2;

    /// <summary>What a string instruction touched between two states of its registers. False: it is no string instruction, or not in 64-bit mode.</summary>
    private bool DescribeString(MicroOp* op, ulong counter, ulong source, ulong destination, out bool writes, out StringRange range)
    {
        CpuState* s = _state;
        range = default;
        writes = false;
        if (s->Mode != CpuMode.Long64 || !IsString((Code)op->Form, out writes))
        {
            return false;
        }

        // With 32-bit addresses the upper halves mean nothing, and are cleared when the registers are written.
        ulong mask = op->AddressWidth == 8 ? ulong.MaxValue : uint.MaxValue;
        source &= mask;
        destination &= mask;
        ulong sourceNow = s->Gpr[Reg.Rsi / 8] & mask, destinationNow = s->Gpr[Reg.Rdi / 8] & mask;
        range = new StringRange(
            Math.Max(1, (counter - s->Gpr[Reg.Rcx / 8]) & mask),
            Math.Min(sourceNow, source),
            Distance(sourceNow, source),
            Math.Min(destinationNow, destination),
            Distance(destinationNow, destination));
        return true;
    }

    /// <summary>Charges what a string instruction did.</summary>
    private void ChargeString(in StringRange range, bool writes)
    {
        // What the microcode charged is the functional engine's estimate of the same.
        _charged = 0;
        ulong bytes = Math.Max(range.SourceBytes, range.DestinationBytes);

        // One element a cycle at first, 16 bytes in half a cycle in long runs (Agner Fog, REP MOVS).
        ulong cycles = range.Elements <= FewElements ? range.Elements : Math.Max(FewElements, bytes / (ulong)_p.StringBytes);
        ulong end = _now + cycles;
        if (range.SourceBytes != 0)
        {
            end = Math.Max(end, WalkLines(range.Source, range.SourceBytes, write: false));
        }

        if (range.DestinationBytes != 0)
        {
            end = Math.Max(end, WalkLines(range.Destination, range.DestinationBytes, writes));
        }

        _charged += end - _now;
    }

    /// <summary>The cycle at which the last line of a range is here. Written lines are shown to the other cores' loads.</summary>
    private ulong WalkLines(ulong linear, ulong bytes, bool write)
    {
        ulong at = NowCycles;
        ulong end = at;
        ulong last = linear + bytes - 1;
        for (ulong line = linear & ~63UL; line <= last; line += 64)
        {
            TranslationOutcome outcome = _translation.Data(line, write, commit: true, at, out ulong physical, out int extra);
            if (outcome != TranslationOutcome.Done || (!TProbe.FollowsRecording && _pages.PointerTo(physical, out _) == null))
            {
                break;
            }

            at = _clock.Later(at, (ulong)extra);
            ulong number = physical >> CacheArray.LineShift;
            AccessResult result = write ? _caches.Own(number, at) : _caches.Load(number, at);
            while (result.Retry)
            {
                at = Math.Max(result.ReadyAt, at + 1);
                result = write ? _caches.Own(number, at) : _caches.Load(number, at);
            }

            if (write)
            {
                _hierarchy.Stored(_caches.Index, physical, 64);
            }

            end = Math.Max(end, result.ReadyAt);
            at = _clock.Later(at, CyclesBetweenLines);
        }

        return _clock.At(end);
    }

    private static ulong Distance(ulong a, ulong b) => a >= b ? a - b : b - a;

    private static bool IsString(Code code, out bool writes)
    {
        Mnemonic mnemonic = code.Mnemonic();
        writes = mnemonic is Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Movsq
            or Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Stosq;
        return writes || mnemonic is Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Lodsq
            or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Scasq
            or Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq;
    }
}
