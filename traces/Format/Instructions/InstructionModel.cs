namespace CoSim.Traces.Format.Instructions;

/// <summary>
/// What writer and reader of packed instructions both know after each record: where each core was, what followed each instruction last time and
/// what it cost. A record then says only what came otherwise. Everything starts anew with a block, so that blocks stand by themselves.
/// </summary>
/// <remarks>
/// Tables are direct-mapped and stamped with the block's number instead of being cleared: a block may be short. Both sides must change
/// the model in the same way at the same record; <see cref="InstructionEncoder"/> and <see cref="InstructionDecoder"/> do so only through this class.
/// </remarks>
internal sealed class InstructionModel
{
    private const int TableBits = 13;
    private const int TableSize = 1 << TableBits;

    private readonly Successor[] _successors = new Successor[TableSize];
    private readonly Cost[] _costs = new Cost[TableSize];
    private readonly Shape[] _shapes = new Shape[TableSize];
    private readonly OperandShape[] _operands = new OperandShape[TableSize];
    private readonly List<ulong[]> _causes = [];
    private readonly Dictionary<uint, CorePlace> _cores = [];
    private uint _block = 1;
    private uint _core;

    /// <summary>The place of the core that the last record was of.</summary>
    public CorePlace Place { get; private set; } = new();

    /// <summary>The core that the last record was of; 0 at the beginning.</summary>
    public uint Core => _core;

    /// <summary>Distinct lists of causes in this block.</summary>
    public int CauseLists => _causes.Count;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _block++;
        _causes.Clear();
        _cores.Clear();
        Place = new CorePlace();
        _cores.Add(_core = 0, Place);
    }

    /// <summary>Goes to another core.</summary>
    public void Switch(uint core)
    {
        _core = core;
        if (!_cores.TryGetValue(core, out CorePlace? place))
            _cores.Add(core, place = new CorePlace());
        Place = place;
    }

    /// <summary>What followed the instruction at an address last time; the address itself when nothing is known.</summary>
    public ulong Predict(ulong rip)
    {
        ref Successor entry = ref _successors[Slot(rip)];
        return entry.Block == _block && entry.Rip == rip ? entry.Next : rip;
    }

    /// <summary>Notes what followed an instruction.</summary>
    public void Follow(ulong rip, ulong next) => _successors[Slot(rip)] = new Successor(_block, rip, next);

    /// <summary>What an instruction cost last time: cycles, and the number of its list of causes, -1 for none.</summary>
    public (ulong Cycles, int Causes) CostOf(ulong rip)
    {
        ref Cost entry = ref _costs[Slot(rip)];
        return entry.Block == _block && entry.Rip == rip ? (entry.Cycles, entry.Causes) : (0, -1);
    }

    /// <summary>Notes what an instruction cost.</summary>
    public void Learn(ulong rip, ulong cycles, int causes) => _costs[Slot(rip)] = new Cost(_block, rip, cycles, causes);

    /// <summary>A list of causes.</summary>
    public ulong[] Causes(int number) => _causes[number];

    /// <summary>Adds a list of causes, which gets the next number.</summary>
    public int AddCauses(ulong[] causes)
    {
        _causes.Add(causes);
        return _causes.Count - 1;
    }

    /// <summary>How long a micro-op stayed in each stage last time; all zero when nothing is known.</summary>
    public ref Shape ShapeOf(ulong rip, uint index)
    {
        ref Shape entry = ref _shapes[Slot(rip + index)];
        if (entry.Block != _block || entry.Rip != rip || entry.Index != index)
            entry = new Shape { Block = _block, Rip = rip, Index = index };
        return ref entry;
    }

    /// <summary>What an instruction's operands were last time; none when nothing is known.</summary>
    public ref OperandShape OperandsOf(ulong rip)
    {
        ref OperandShape entry = ref _operands[Slot(rip)];
        if (entry.Block != _block || entry.Rip != rip)
            entry = new OperandShape { Block = _block, Rip = rip };
        return ref entry;
    }

    private static int Slot(ulong rip) => (int)((rip * 0x9E37_79B9_7F4A_7C15) >> (64 - TableBits));

    private readonly record struct Successor(uint Block, ulong Rip, ulong Next);

    private readonly record struct Cost(uint Block, ulong Rip, ulong Cycles, int Causes);
}

/// <summary>Where a core was at its last record.</summary>
internal sealed class CorePlace
{
    /// <summary>Address of the instruction that retired last.</summary>
    public ulong Rip;

    /// <summary>The core cycle of the last retirement.</summary>
    public ulong Cycle;

    /// <summary>The core's last operand in memory.</summary>
    public ulong Operand;

    /// <summary>The instruction of the last micro-op, and the micro-op's place in it.</summary>
    public ulong OpRip, OpIndex;

    /// <summary>The core cycle in which the last micro-op was fetched.</summary>
    public ulong OpFetch;
}

/// <summary>The times between the stages of a micro-op, its pipe and its dispatch slots.</summary>
internal struct Shape
{
    /// <summary>Numbers in a shape: six distances (fetch to decode, to dispatch, to ready, to issue, to complete, to retire), pipe, dispatch slots.</summary>
    public const int Count = 8;

    /// <summary>Distances among them.</summary>
    public const int Distances = 6;

    public uint Block, Index;
    public ulong Rip;
    public ShapeValues Values;
}

/// <summary>The numbers of a shape.</summary>
[System.Runtime.CompilerServices.InlineArray(Shape.Count)]
internal struct ShapeValues
{
    private ulong _first;
}
