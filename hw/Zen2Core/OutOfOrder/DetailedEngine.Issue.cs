using System.Numerics;
using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Issue: the oldest ready micro-op of each scheduler goes to a free pipe.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private const int Alus = 4;
    private const int Hundred = 100;
    private const int VectorPipes = 4;
    private const int LoadsPerCycle = 2;

    private AluSets _aluReady;
    private SlotSet _loadsReady;
    private SlotSet _storesReady;
    private SlotSet _vectorReady;
    private readonly int[] _aluOccupied = new int[Alus];

    /// <summary>Hundredths of cycles; a pipe takes an operation in the cycle in which it becomes free.</summary>
    private readonly ulong[] _aluFreeAt = new ulong[Alus];
    private readonly ulong[] _vectorFreeAt = new ulong[VectorPipes];
    private int _addressOccupied;
    private int _vectorOccupied;

    [InlineArray(Alus)]
    private struct AluSets
    {
        private SlotSet _first;
    }

    private ref SlotSet AluReady(int alu) => ref _aluReady[alu];

    private void Issue()
    {
        int from = (int)(_head & Mask);
        int span = (int)(_tail - _head);
        for (int alu = 0; alu < Alus; alu++)
        {
            ref SlotSet ready = ref _aluReady[alu];
            if (ready.IsEmpty)
            {
                continue;
            }

            _active = true;
            if (!IsFree(_aluFreeAt[alu]))
            {
                continue;
            }

            int slot = ready.Next(from, span);
            ready.Remove(slot);
            RobEntry* e = _rob + slot;
            _aluOccupied[alu]--;
            Occupy(ref _aluFreeAt[alu], e->Info->Busy);
            Execute(slot, e);
        }

        if (!_loadsReady.IsEmpty || !_storesReady.IsEmpty)
        {
            IssueAddresses(from, span);
        }

        if (!_vectorReady.IsEmpty)
        {
            IssueVectors(from, span);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsFree(ulong freeAt) => freeAt < (_now + 1) * Hundred;

    /// <summary>What ends within a cycle leaves the rest of it to the next operation, if that comes at once: on average pipes are as busy as measured.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Occupy(ref ulong freeAt, ushort busy) => freeAt = Math.Max(freeAt, _now * Hundred) + busy;

    /// <summary>Two load addresses and one store address a cycle.</summary>
    private void IssueAddresses(int from, int span)
    {
        _active = true;
        for (int i = 0; i < LoadsPerCycle && !_loadsReady.IsEmpty; i++)
        {
            int slot = _loadsReady.Next(from, span);
            _loadsReady.Remove(slot);
            _addressOccupied--;
            _rob[slot].Scheduler = (byte)i;
            IssueLoad(slot, _rob + slot);
        }

        if (!_storesReady.IsEmpty)
        {
            int slot = _storesReady.Next(from, span);
            _storesReady.Remove(slot);
            _addressOccupied--;
            IssueStore(slot, _rob + slot);
        }
    }

    private void IssueVectors(int from, int span)
    {
        _active = true;
        int free = 0;
        for (int pipe = 0; pipe < VectorPipes; pipe++)
        {
            free |= IsFree(_vectorFreeAt[pipe]) ? 1 << pipe : 0;
        }

        int start = from;
        int rest = span;
        while (free != 0)
        {
            int slot = _vectorReady.Next(start, rest);
            if (slot < 0)
            {
                break;
            }

            RobEntry* e = _rob + slot;
            int usable = free & e->Info->Pipes;
            if (usable != 0)
            {
                // The highest pipe first: multiplications, which only pipes 0 and 1 do, find those free more often.
                int pipe = BitOperations.Log2((uint)usable);
                free &= ~(1 << pipe);
                Occupy(ref _vectorFreeAt[pipe], e->Info->Busy);
                _vectorReady.Remove(slot);
                _vectorOccupied--;
                e->Scheduler = (byte)pipe;
                Execute(slot, e);
            }

            int passed = ((slot - start) & Mask) + 1;
            start = (slot + 1) & Mask;
            rest -= passed;
            if (rest <= 0)
            {
                break;
            }
        }
    }
}
