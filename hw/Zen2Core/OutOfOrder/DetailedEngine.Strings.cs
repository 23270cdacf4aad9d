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

    /// <summary>Charges what a string instruction did between two states of its registers. False: it is no string instruction.</summary>
    private bool ChargeString(MicroOp* op, ulong counter, ulong source, ulong destination)
    {
        CpuState* s = _state;
        if (!IsString((Code)op->Form, out bool writes) || s->Mode != CpuMode.Long64)
        {
            return false;
        }

        // What the microcode charged is the functional engine's estimate of the same.
        _charged = 0;

        // With 32-bit addresses the upper halves mean nothing, and are cleared when the registers are written.
        ulong mask = op->AddressWidth == 8 ? ulong.MaxValue : uint.MaxValue;
        source &= mask;
        destination &= mask;
        ulong sourceBytes = Distance(s->Gpr[Reg.Rsi / 8] & mask, source);
        ulong destinationBytes = Distance(s->Gpr[Reg.Rdi / 8] & mask, destination);
        ulong elements = Math.Max(1, (counter - s->Gpr[Reg.Rcx / 8]) & mask);
        ulong bytes = Math.Max(sourceBytes, destinationBytes);

        // One element a cycle at first, 16 bytes in half a cycle in long runs (Agner Fog, REP MOVS).
        ulong cycles = elements <= FewElements ? elements : Math.Max(FewElements, bytes / (ulong)_p.StringBytes);
        ulong end = _now + cycles;
        if (sourceBytes != 0)
        {
            end = Math.Max(end, WalkLines(Math.Min(s->Gpr[Reg.Rsi / 8] & mask, source), sourceBytes, write: false));
        }

        if (destinationBytes != 0)
        {
            end = Math.Max(end, WalkLines(Math.Min(s->Gpr[Reg.Rdi / 8] & mask, destination), destinationBytes, writes));
        }

        _charged += end - _now;
        return true;
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
            if (outcome != TranslationOutcome.Done || _pages.PointerTo(physical, out _) == null)
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
