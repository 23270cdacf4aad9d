using System.Runtime.CompilerServices;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Stores: address, data, and the way out of the store queue once they have retired and the line is owned.</content>
public sealed unsafe partial class DetailedEngine<TProbe> : IStoreObserver
{
    private const int OwnershipAhead = 4;

    private SlotSet _blockedStores;

    /// <summary>The next store cannot leave before this cycle.</summary>
    private ulong _drainAt;

    private void IssueStore(int slot, RobEntry* e)
    {
        e->Issued = _now;
        if (TProbe.FollowsRecording && !HasRecordedOperand(e))
        {
            PlaceUnknownStore(slot, e);
            return;
        }

        ulong baseValue = General(e->Producer[SourceRole.Base], e->Info->Source[SourceRole.Base]);
        ulong indexValue = General(e->Producer[SourceRole.Index], e->Info->Source[SourceRole.Index]);
        if (!AddressOf(e->Op, e, UseOrZero(e, SourceRole.Base, baseValue), UseOrZero(e, SourceRole.Index, indexValue))
            || !TranslateOperand(e, true, commit: false, out int extra))
        {
            FinishFaulted(slot, e);
            return;
        }

        PlaceStore(slot, e, extra);
    }

    /// <summary>The store's address is known: younger loads that have read its bytes already must do so again.</summary>
    private void PlaceStore(int slot, RobEntry* e, int extra)
    {
        StoreEntry* store = _stores + (e->StoreNumber & MemoryMask);
        store->Physical = e->Physical;
        store->PhysicalSecond = e->PhysicalSecond;
        store->Size = e->Op->AccessSize;
        store->Device = e->Device;
        store->AddressKnown = true;
        store->Base = e->Op->Index == Reg.Zero ? e->Op->Base : Reg.None;
        _retryLoads |= !_blockedLoads.IsEmpty;
        if (_operandNotDirty)
        {
            // The page's dirty bit is set by the store that happens, not by one that may not: wait to be the oldest.
            e->State = OpState.Blocked;
            e->WaitCause = CycleCause.DataTlb;
            _blockedStores.Add(slot);
        }
        else
        {
            e->State = OpState.Executing;
            e->Stage = (byte)Stage.Complete;
            e->Issued = _now + (ulong)extra;
            FinishStore(slot, e);
        }

        CheckYoungerLoads(store);
    }

    /// <summary>The oldest instruction's store may set the dirty bit now.</summary>
    private void CommitTranslation(int slot, RobEntry* e)
    {
        _blockedStores.Remove(slot);
        if (!TranslateOperand(e, true, commit: true, out int extra))
        {
            FinishFaulted(slot, e);
            return;
        }

        e->State = OpState.Executing;
        e->Issued = _now + (ulong)extra;
        FinishStore(slot, e);
    }

    /// <summary>A store is complete when both its address and its data are there.</summary>
    private void FinishStore(int slot, RobEntry* e)
    {
        if (e->DataReady && e->State == OpState.Executing)
        {
            At(Math.Max(_now, e->Issued) + 1, slot, e, Stage.Complete);
        }
    }

    private void TakeStoreData(int slot, RobEntry* e)
    {
        StoreEntry* store = _stores + (e->StoreNumber & MemoryMask);
        if (!TProbe.FollowsRecording)
        {
            Gather(e, _args);
            Evaluate(slot, e, _args);
            store->Wide = _args->VResult;

            // A store from a vector register gives its bytes as a vector, however few they are.
            store->Data = e->Info->VectorSource ? _args->VResult[0] : _args->Result;
        }

        store->DataKnown = true;
        e->DataReady = true;
        _retryLoads |= !_blockedLoads.IsEmpty;
        FinishStore(slot, e);
    }

    private void CheckYoungerLoads(StoreEntry* store)
    {
        for (uint n = _loadHead; n != _loadTail; n++)
        {
            LoadEntry* load = _loads + (n & MemoryMask);
            if (load->Sequence < store->Sequence || load->Size == 0
                || !Overlaps(store->Physical, store->PhysicalSecond, store->Size, load->Physical, load->PhysicalSecond, load->Size))
            {
                continue;
            }

            // A load that got its bytes from a store younger than this one read the right value.
            RobEntry* e = _rob + (load->Sequence & Mask);
            if (load->Forwarded && ForwardedFromYounger(load, store))
            {
                continue;
            }

            MemoryClears++;
            _dependence.Violated(e->Op->Rip);
            long first = load->Sequence - e->Index;
            ulong rip = e->Op->Rip;
            long step = e->Step;
            Squash(first);
            Redirect(rip, CycleCause.BranchMisprediction, _p.OrderClear);
            if (TProbe.FollowsRecording)
                FollowFrom(step);
            return;
        }
    }

    private bool ForwardedFromYounger(LoadEntry* load, StoreEntry* store)
    {
        for (uint n = _storeTail; n != _storeHead;)
        {
            n--;
            StoreEntry* other = _stores + (n & MemoryMask);
            if (other->Sequence > load->Sequence)
            {
                continue;
            }

            if (other->Sequence <= store->Sequence)
            {
                return false;
            }

            if (other->AddressKnown
                && Overlaps(other->Physical, other->PhysicalSecond, other->Size, load->Physical, load->PhysicalSecond, load->Size))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when every retired store has been written.</summary>
    private bool StoresDrained => _storeHead == _storeTail || !_stores[_storeHead & MemoryMask].Retired;

    /// <summary>Writes at most one retired store, in order, and asks for the lines of those behind it.</summary>
    private void DrainStores()
    {
        if (StoresDrained || _now < _drainAt)
        {
            return;
        }

        StoreEntry* store = _stores + (_storeHead & MemoryMask);
        if (store->Device)
        {
            WriteDevice(store);
            return;
        }

        if (TProbe.FollowsRecording && store->Size == 0)
        {
            _storeHead++;
            _active = true;
            return;
        }

        AccessResult result = Own(store->Physical);
        ulong last = LastByte(store);
        bool crosses = (last ^ store->Physical) >> CacheArray.LineShift != 0;
        if (crosses && !result.Retry && result.ReadyAt <= _now)
        {
            result = Own(last);
        }

        if (result.Retry || result.ReadyAt > _now)
        {
            _drainAt = Math.Max(result.ReadyAt, _now + 1);
            AskAhead();
            return;
        }

        WriteStore(store);
        if (crosses)
            _drainAt = _now + 1 + (ulong)_p.StoreLineCrossing;
        _storeHead++;
        _active = true;
        _retryLoads |= !_blockedLoads.IsEmpty;
    }

    private AccessResult Own(ulong physical) => InOwnCycles(_caches.Own(physical >> CacheArray.LineShift, NowCycles));

    private static ulong LastByte(StoreEntry* store) => store->PhysicalSecond == store->Physical
        ? store->Physical + store->Size - 1
        : store->PhysicalSecond + ((store->Physical + store->Size - 1) & 0xFFF);

    /// <summary>Stores wait for ownership in order, but the lines are asked for at the same time.</summary>
    private void AskAhead()
    {
        for (uint n = _storeHead + 1; n != _storeTail && n != _storeHead + OwnershipAhead; n++)
        {
            StoreEntry* store = _stores + (n & MemoryMask);
            if (!store->Retired)
            {
                return;
            }

            if (!store->Asked && !store->Device)
            {
                store->Asked = !Own(store->Physical).Retry;
            }
        }
    }

    /// <inheritdoc/>
    public void PeekStores(ulong physical, Span<byte> bytes)
    {
        for (uint n = _storeHead; n != _storeTail; n++)
        {
            StoreEntry* store = _stores + (n & MemoryMask);
            if (!store->Retired)
            {
                return;
            }

            byte* data = store->Size <= 8 ? (byte*)&store->Data : (byte*)&store->Wide;
            int first = store->PhysicalSecond == store->Physical ? store->Size : (int)(0x1000 - (store->Physical & 0xFFF));
            for (int i = 0; i < store->Size && !store->Device; i++)
            {
                ulong at = (i < first ? store->Physical + (uint)i : store->PhysicalSecond + (uint)(i - first)) - physical;
                if (at < (ulong)bytes.Length)
                {
                    bytes[(int)at] = data[i];
                }
            }
        }
    }

    private void WriteStore(StoreEntry* store)
    {
        byte* data = store->Size <= 8 ? (byte*)&store->Data : (byte*)&store->Wide;
        int first = store->PhysicalSecond == store->Physical ? store->Size : (int)(0x1000 - (store->Physical & 0xFFF));
        WriteBytes(store->Physical, data, first);
        if (first < store->Size)
        {
            WriteBytes(store->PhysicalSecond, data + first, store->Size - first);
        }
    }

    private void WriteBytes(ulong physical, byte* data, int size)
    {
        if (TProbe.FollowsRecording)
        {
            _hierarchy.Stored(_caches.Index, physical, size);
            return;
        }

        byte* host = _pages.PointerTo(physical, out bool writable);
        if (host == null || !writable)
        {
            return;
        }

        switch (size)
        {
            case 1:
                *host = *data;
                break;
            case 2:
                *(ushort*)host = *(ushort*)data;
                break;
            case 4:
                *(uint*)host = *(uint*)data;
                break;
            case 8:
                *(ulong*)host = *(ulong*)data;
                break;
            default:
                Unsafe.CopyBlockUnaligned(host, data, (uint)size);
                break;
        }

        _hierarchy.Stored(_caches.Index, physical, size);
        if (_pages.Flags(physical) != 0)
        {
            _codeChanged |= _context.NoteStore(physical, size);
        }
    }

    /// <summary>Another core has written: loads that read those bytes before an older load had read must not retire.</summary>
    void IStoreObserver.OnStored(ulong physical, int size)
    {
        bool olderWaits = false;
        for (uint n = _loadHead; n != _loadTail; n++)
        {
            LoadEntry* load = _loads + (n & MemoryMask);
            if (!load->Performed)
            {
                olderWaits = true;
            }
            else if (olderWaits && !load->Forwarded
                && Overlaps(physical, physical, size, load->Physical, load->PhysicalSecond, load->Size))
            {
                _rob[load->Sequence & Mask].OrderViolated = true;
                ReturnToPresent();
            }
        }
    }
}
