using CoSim.Guest.Symbols;
using CoSim.Hw.Zen2Core;
using Iced.Intel;

namespace CoSim.Cli.Clocks;

/// <summary>A function of the vDSO that reads a clock.</summary>
internal enum VdsoFunction
{
    /// <summary>clock_gettime(2).</summary>
    ClockGettime,

    /// <summary>gettimeofday(2).</summary>
    Gettimeofday,

    /// <summary>time(2).</summary>
    Time,
}

/// <summary>
/// What a vDSO's file tells about the calls that read clocks: where they begin, every instruction by which they return, and the first of
/// the data pages below the image. Found by following the code from the exported names (Linux, Documentation/ABI/stable/vdso), so that it
/// does not depend on how the image was compiled.
/// </summary>
internal sealed class VdsoCode
{
    private const int PageSize = 4096, LongestInstruction = 15, Bits = 64, HeaderBytes = 64;

    /// <summary>An image has a few hundred instructions; a file that seems to have more is no vDSO.</summary>
    private const int MostInstructions = 1 << 16;

    private static readonly (string Name, VdsoFunction Function)[] Names =
    [
        ("__vdso_clock_gettime", VdsoFunction.ClockGettime),
        ("__vdso_gettimeofday", VdsoFunction.Gettimeofday),
        ("__vdso_time", VdsoFunction.Time),
    ];

    private readonly ElfImage _image;
    private readonly SortedDictionary<ulong, VdsoFunction> _entries = [];
    private readonly SortedDictionary<ulong, byte[]> _places = [];
    private readonly SortedSet<ulong> _returns = [];
    private long _lowestData;

    /// <summary>Follows the code of an image.</summary>
    public VdsoCode(ElfImage image)
    {
        _image = image;
        foreach ((string name, VdsoFunction function) in Names)
        {
            if (image.Symbols.Find(name) is { IsFunction: true } symbol && _entries.TryAdd(symbol.Address, function))
                Follow(symbol.Address);
        }

        Size = image.Segments.Where(s => s.Type == ElfProgramHeader.Load).Select(s => s.VirtualAddress + s.MemorySize).DefaultIfEmpty().Max();
    }

    /// <summary>Bytes from the image's start to the end of what is mapped of it.</summary>
    public ulong Size { get; }

    /// <summary>The functions by their address, as linked; the image is linked at 0.</summary>
    public IReadOnlyDictionary<ulong, VdsoFunction> Entries => _entries;

    /// <summary>Whether the instruction at an address, as linked, returns.</summary>
    public bool IsReturn(ulong address) => _returns.Contains(address);

    /// <summary>Bytes from the first page of data to the image; 0 when the code reads no data below it.</summary>
    public ulong DataBelow => (ulong)-_lowestData;

    /// <summary>The ELF header, by which the image is known in memory.</summary>
    public ReadOnlySpan<byte> Head => _image.File[..HeaderBytes];

    /// <summary>What has to be watched.</summary>
    public IEnumerable<WatchedPlace> Places => _places.Select(p => new WatchedPlace((int)(p.Key % PageSize), p.Value));

    /// <summary>Follows all ways through the code from an address.</summary>
    private void Follow(ulong entry)
    {
        HashSet<ulong> known = [];
        Stack<ulong> open = new([entry]);
        while (open.TryPop(out ulong at))
        {
            while (known.Count < MostInstructions && known.Add(at) && Decode(at) is { } instruction)
            {
                if (at == entry || instruction.FlowControl == FlowControl.Return)
                    _places[at] = _image.BytesAt(at, instruction.Length).ToArray();
                if (instruction.FlowControl == FlowControl.Return)
                    _ = _returns.Add(at);
                if (instruction.IsIPRelativeMemoryOperand && (long)instruction.IPRelativeMemoryAddress < 0)
                    _lowestData = Math.Min(_lowestData, (long)instruction.IPRelativeMemoryAddress & -PageSize);
                if (instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch or FlowControl.Call)
                    open.Push(instruction.NearBranchTarget);
                if (instruction.FlowControl is FlowControl.Return or FlowControl.UnconditionalBranch or FlowControl.IndirectBranch)
                    break;
                at = instruction.NextIP;
            }
        }
    }

    private Instruction? Decode(ulong address)
    {
        byte[] code = _image.BytesAt(address, LongestInstruction).ToArray();
        Decoder.Create(Bits, code, address).Decode(out Instruction instruction);
        return instruction.IsInvalid ? null : instruction;
    }
}
