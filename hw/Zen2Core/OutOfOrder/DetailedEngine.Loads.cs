using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Loads: address, translation, older stores, cache, and the moment at which the value is taken.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private const int MirrorReach = 0x3F8;
    private const int MirrorStores = 6;

    private readonly HostPages _pages;

    /// <summary>Loads with an address that an older store, a fence or their place in the order holds back.</summary>
    private SlotSet _blockedLoads;

    /// <summary>Something changed that blocked loads may wait for.</summary>
    private bool _retryLoads;

    private void IssueLoad(int slot, RobEntry* e)
    {
        e->Issued = _now;
        MicroOp* op = e->Op;
        if (TProbe.FollowsRecording && !HasRecordedOperand(e))
        {
            IssueUnknownLoad(slot, e);
            return;
        }

        ulong baseValue = General(e->Producer[SourceRole.Base], e->Info->Source[SourceRole.Base]);
        ulong indexValue = General(e->Producer[SourceRole.Index], e->Info->Source[SourceRole.Index]);
        if (!AddressOf(op, e, UseOrZero(e, SourceRole.Base, baseValue), UseOrZero(e, SourceRole.Index, indexValue)))
        {
            FinishFaulted(slot, e);
            return;
        }

        bool write = (op->Marks & MicroOpMarks.WriteIntent) != 0;
        if (!TranslateOperand(e, write, commit: false, out int extra))
        {
            FinishFaulted(slot, e);
            return;
        }

        if (op->Class == MicroOpClass.Prefetch)
        {
            if (!e->Device)
            {
                _ = _caches.Load(e->Physical >> CacheArray.LineShift, NowCycles);
            }

            At(_now + 1, slot, e, Stage.Complete);
            return;
        }

        LoadEntry* load = _loads + (e->LoadNumber & MemoryMask);
        load->Physical = e->Physical;
        load->PhysicalSecond = e->PhysicalSecond;
        if (extra > 0)
        {
            e->WaitCause = CycleCause.DataTlb;
            At(_now + (ulong)extra, slot, e, Stage.LoadAgain);
            return;
        }

        SendLoad(slot, e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong UseOrZero(RobEntry* e, int role, ulong value) => (e->Info->Sources & (1 << role)) != 0 ? value : 0;

    /// <summary>Forms the linear address; a segment fault is noted in the entry.</summary>
    private bool AddressOf(MicroOp* op, RobEntry* e, ulong baseValue, ulong indexValue)
    {
        // The recording has given the address already.
        if (TProbe.FollowsRecording)
            return true;
        if (EffectiveAddress.Linear(_state, op, baseValue, indexValue, out ulong linear))
        {
            e->Linear = linear;
            if (op->Class is not (MicroOpClass.Load or MicroOpClass.Store) || !VectorMemoryHandlers.Misaligned(_state, op, linear))
                return true;
            e->FaultVector = ExceptionVector.GeneralProtection;
            e->FaultError = 0;
            return false;
        }

        e->FaultVector = _state->Host.FaultVector;
        e->FaultError = _state->Host.FaultError;
        _state->Host.FaultVector = HostState.NoFault;
        return false;
    }

    /// <summary>Translates an operand's first and last byte. False: the fault is noted.</summary>
    private bool TranslateOperand(RobEntry* e, bool write, bool commit, out int extra)
    {
        if (!TProbe.FollowsRecording && _state->Mode == CpuMode.Long64 && !Privileged.VirtualMemory.IsCanonical(e->Linear + e->Op->AccessSize - 1u))
        {
            // An operand that only ends outside the canonical addresses does not get as far as its first page's faults.
            extra = 0;
            e->FaultVector = e->Op->Segment == SegmentIndex.Ss ? ExceptionVector.Stack : ExceptionVector.GeneralProtection;
            e->FaultError = 0;
            return false;
        }

        TranslationOutcome outcome = _translation.Data(e->Linear, write, commit, NowCycles, out ulong physical, out extra);
        e->Physical = physical;
        e->PhysicalSecond = physical;
        if (outcome == TranslationOutcome.Fault)
        {
            NoteTranslationFault(e);
            return false;
        }

        bool notDirty = outcome == TranslationOutcome.NotDirty;
        int size = e->Op->AccessSize;
        ulong offset = e->Linear & 0xFFF;
        if (offset + (ulong)size > 0x1000)
        {
            outcome = _translation.Data((e->Linear + (ulong)size - 1) & ~0xFFFUL, write, commit, NowCycles, out ulong second, out int more);
            extra += more;
            if (outcome == TranslationOutcome.Fault)
            {
                NoteTranslationFault(e);
                return false;
            }

            notDirty |= outcome == TranslationOutcome.NotDirty;
            e->PhysicalSecond = second;
        }

        e->Device = TProbe.FollowsRecording ? IsRecordedDevice(e) : _pages.PointerTo(e->Physical, out _) == null;
        _operandNotDirty = notDirty;
        return true;
    }

    private bool _operandNotDirty;

    private void NoteTranslationFault(RobEntry* e)
    {
        e->FaultVector = _translation.FaultVector;
        e->FaultError = _translation.FaultError;
        e->FaultAddress = _translation.FaultAddress;
        if (e->FaultVector == ExceptionVector.GeneralProtection && e->Op->Segment == SegmentIndex.Ss)
        {
            e->FaultVector = ExceptionVector.Stack;
        }
    }

    /// <summary>A memory access that faults is over; who waits for it will be thrown away with it.</summary>
    private void FinishFaulted(int slot, RobEntry* e)
    {
        if (e->Info->Class == MicroOpClass.Prefetch)
        {
            e->FaultVector = RobEntry.NoFault;
        }

        e->Result = 0;
        e->Result2 = 0;
        e->Flags = 0;
        At(_now + 1, slot, e, Stage.Complete);
    }

    private void Block(int slot, RobEntry* e, CycleCause cause)
    {
        e->State = OpState.Blocked;
        e->WaitCause = cause;
        _blockedLoads.Add(slot);
    }

    /// <summary>Tries blocked loads again, oldest first.</summary>
    private void RetryLoads()
    {
        _retryLoads = false;
        int from = (int)(_head & Mask);
        int span = (int)(_tail - _head);
        int start = from;
        int rest = span;
        while (rest > 0)
        {
            int slot = _blockedLoads.Next(start, rest);
            if (slot < 0)
            {
                break;
            }

            _blockedLoads.Remove(slot);
            rest -= ((slot - start) & Mask) + 1;
            start = (slot + 1) & Mask;
            SendLoad(slot, _rob + slot);
        }
    }

    /// <summary>Sends a load with a physical address to the store queue or the cache, or blocks it.</summary>
    private void SendLoad(int slot, RobEntry* e)
    {
        LoadEntry* load = _loads + (e->LoadNumber & MemoryMask);
        if (_barriers > 0 && HasOlderBarrier(load->Sequence))
        {
            Block(slot, e, CycleCause.Serialisation);
            return;
        }

        if (e->Device)
        {
            // Device reads have effects: retirement starts them when nothing older is left.
            Block(slot, e, CycleCause.Device);
            return;
        }

        int penalty = 0;
        if (_storeHead != _storeTail && !CheckOlderStores(slot, e, load, ref penalty))
        {
            return;
        }

        ulong line = e->Physical >> CacheArray.LineShift;
        AccessResult result = InOwnCycles(_caches.Load(line, NowCycles));
        int size = e->Op->AccessSize;
        ulong lastLine = LastByte(e) >> CacheArray.LineShift;
        if (lastLine != line && !result.Retry)
        {
            AccessResult second = InOwnCycles(_caches.Load(lastLine, NowCycles));
            penalty += _p.LineCrossing;
            if (second.Retry || second.ReadyAt > result.ReadyAt)
            {
                result = second;
            }
        }

        if (result.Retry)
        {
            e->WaitCause = CauseOf(result.Level);
            At(Math.Max(result.ReadyAt, _now + 1), slot, e, Stage.LoadAgain);
            return;
        }

        load->Size = (byte)size;
        e->WaitCause = CauseOf(result.Level);
        At(result.ReadyAt + e->Info->Latency + (ulong)penalty, slot, e, Stage.LoadArrives);
    }

    private static ulong LastByte(RobEntry* e)
    {
        ulong size = e->Op->AccessSize;
        return e->PhysicalSecond == e->Physical ? e->Physical + size - 1 : e->PhysicalSecond + ((e->Linear + size - 1) & 0xFFF);
    }

    private static CycleCause CauseOf(MemoryLevel level) => level switch
    {
        MemoryLevel.L1 => CycleCause.L1,
        MemoryLevel.L2 => CycleCause.L2,
        MemoryLevel.L3 => CycleCause.L3,
        MemoryLevel.Dram => CycleCause.Dram,
        _ => CycleCause.RemoteCache,
    };

    /// <summary>Nothing older than this in flight is a barrier that is not done.</summary>
    private long _noBarrierBefore;

    private bool HasOlderBarrier(long sequence)
    {
        for (long s = Math.Max(_head, _noBarrierBefore); s < sequence; s++)
        {
            RobEntry* e = _rob + (s & Mask);
            if (e->State != OpState.Done && e->Info->Class is MicroOpClass.Atomic or MicroOpClass.FullFence or MicroOpClass.LoadFence)
            {
                _noBarrierBefore = s;
                return true;
            }
        }

        _noBarrierBefore = Math.Max(_noBarrierBefore, sequence);
        return false;
    }

    /// <summary>Looks for older stores to the same bytes. False: the load was forwarded, or is blocked.</summary>
    private bool CheckOlderStores(int slot, RobEntry* e, LoadEntry* load, ref int penalty)
    {
        bool waits = false;
        bool asked = false;
        int between = 0;
        int size = e->Op->AccessSize;
        for (uint n = _storeTail; n != _storeHead;)
        {
            n--;
            StoreEntry* store = _stores + (n & MemoryMask);
            if (store->Sequence > load->Sequence)
            {
                continue;
            }

            between++;
            if (!store->AddressKnown)
            {
                if (!asked)
                {
                    asked = true;
                    waits = _dependence.ShouldWait(e->Op->Rip);
                }

                if (waits)
                {
                    Block(slot, e, CycleCause.Dependency);
                    return false;
                }

                continue;
            }

            if (!Overlaps(store->Physical, store->PhysicalSecond, store->Size, e->Physical, e->PhysicalSecond, size))
            {
                // The store queue compares bits 11:3 first; an equal offset in another page costs a second look.
                if (((store->Physical ^ e->Physical) & 0xFF8) == 0 && store->Physical != e->Physical && (!TProbe.FollowsRecording || store->Size != 0))
                {
                    penalty = _p.Alias;
                }

                continue;
            }

            bool whole = e->PhysicalSecond == e->Physical && store->PhysicalSecond == store->Physical
                && e->Physical >= store->Physical && e->Physical + (ulong)size <= store->Physical + store->Size;
            if (!whole || !store->DataKnown || store->Device)
            {
                Block(slot, e, whole ? CycleCause.Dependency : CycleCause.StoreBuffer);
                return false;
            }

            int shift = (int)(e->Physical - store->Physical);
            if (!TProbe.FollowsRecording)
                Forward(slot, store, shift, size);
            load->Size = (byte)size;
            load->Forwarded = true;
            e->WaitCause = CycleCause.L1;
            At(_now + (ulong)(IsMirrored(e->Op, store, between) ? _p.Mirror : _p.Forward), slot, e, Stage.LoadArrives);
            return false;
        }

        return true;
    }

    /// <summary>
    /// Memory renaming: a load of a whole 32- or 64-bit register through the same base register as one of the six most recent
    /// stores, at the same small aligned displacement, gets the register that was stored (Agner Fog; eigenform/perfect).
    /// </summary>
    private static bool IsMirrored(MicroOp* op, StoreEntry* store, int age) =>
        op->Base == store->Base && op->Base != Reg.Zero && op->Index == Reg.Zero && op->AccessSize >= 4 && op->AccessSize == store->Size
        && op->AccessSize <= 8 && (op->Disp & 7) == 0 && op->Disp is >= -MirrorReach and <= MirrorReach && age <= MirrorStores;

    /// <summary>Keeps the bytes of a store for the load that they are forwarded to.</summary>
    private void Forward(int slot, StoreEntry* store, int shift, int size)
    {
        Vector256<byte> bytes = store->Wide.AsByte();
        if (store->Size <= 8)
        {
            bytes = Vector256.Create(store->Data, 0, 0, 0).AsByte();
        }

        byte* source = stackalloc byte[64];
        bytes.Store(source);
        Vector256.Store(Vector256<byte>.Zero, source + 32);
        byte* destination = (byte*)(_vector + slot);
        Vector256.Store(Vector256<byte>.Zero, destination);
        for (int i = 0; i < size; i++)
        {
            destination[i] = source[shift + i];
        }
    }

    /// <summary>Whether two operands, each in one page or two, share a byte.</summary>
    private static bool Overlaps(ulong a, ulong aSecond, int aSize, ulong b, ulong bSecond, int bSize)
    {
        if (a == aSecond && b == bSecond)
        {
            return a < b + (ulong)bSize && b < a + (ulong)aSize;
        }

        for (int i = 0; i < aSize; i++)
        {
            ulong byteA = ByteOf(a, aSecond, i);
            for (int j = 0; j < bSize; j++)
            {
                if (byteA == ByteOf(b, bSecond, j))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static ulong ByteOf(ulong first, ulong second, int index)
    {
        ulong at = (first & 0xFFF) + (ulong)index;
        return at < 0x1000 || first == second ? first + (ulong)index : second + at - 0x1000;
    }

    /// <summary>The load's data is here: the value is taken now.</summary>
    private void PerformLoad(int slot, RobEntry* e)
    {
        if (e->OtherWaits != 0)
        {
            e->State = OpState.Merging;
            e->WaitCause = CycleCause.Dependency;
            return;
        }

        LoadEntry* load = _loads + (e->LoadNumber & MemoryMask);
        load->Performed = true;
        if (!TProbe.FollowsRecording)
        {
            Gather(e, _args);
            if (load->Forwarded)
            {
                _args->VA = _vector[slot];
                _args->A = _args->VA[0];
            }
            else
            {
                ReadOperand(e, e->Op->AccessSize);
            }

            Evaluate(slot, e, _args);
        }

        Complete(slot, e);
        _retryLoads |= !_blockedLoads.IsEmpty;
    }

    /// <summary>Reads an operand in memory into the A side of the arguments, zero-extended.</summary>
    private void ReadOperand(RobEntry* e, int size)
    {
        byte* host = _pages.PointerTo(e->Physical, out _);
        if (e->PhysicalSecond != e->Physical)
        {
            byte* second = _pages.PointerTo(e->PhysicalSecond, out _);
            byte* bytes = stackalloc byte[32];
            Vector256.Store(Vector256<byte>.Zero, bytes);
            for (int i = 0; i < size; i++)
            {
                ulong at = (e->Physical & 0xFFF) + (ulong)i;
                byte* from = at < 0x1000 ? host + i : second + (at - 0x1000);
                bytes[i] = at < 0x1000 || second != null ? *from : (byte)0xFF;
            }

            _args->VA = Vector256.Load((ulong*)bytes);
            _args->A = *(ulong*)bytes;
            return;
        }

        switch (size)
        {
            case 1:
                _args->A = *host;
                break;
            case 2:
                _args->A = *(ushort*)host;
                break;
            case 4:
                _args->A = *(uint*)host;
                break;
            case 8:
                _args->A = *(ulong*)host;
                break;
            case 16:
                _args->VA = Vector256.Create(Vector128.Load((ulong*)host), Vector128<ulong>.Zero);
                _args->A = *(ulong*)host;
                return;
            case 32:
                _args->VA = Vector256.Load((ulong*)host);
                _args->A = *(ulong*)host;
                return;
            default:
                ulong* words = stackalloc ulong[4];
                Vector256.Store(Vector256<ulong>.Zero, words);
                Unsafe.CopyBlockUnaligned(words, host, (uint)size);
                _args->VA = Vector256.Load(words);
                _args->A = *words;
                return;
        }

        _args->VA = Vector256.CreateScalar(_args->A);
    }
}
