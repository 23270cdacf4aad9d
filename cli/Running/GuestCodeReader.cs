using CoSim.Cli.Study;
using CoSim.Guest.Symbols;

namespace CoSim.Cli.Running;

/// <summary>Reads code out of a machine's memory, and notices by its content where the vDSO is mapped.</summary>
/// <param name="machine">The machine.</param>
/// <param name="vdso">The vDSO's file; null when the operating system has none.</param>
internal sealed class GuestCodeReader(Machine machine, ElfImage? vdso) : ICodeReader
{
    private const ulong PageSize = 0x1000;

    /// <summary>The ELF header.</summary>
    private const int HeaderBytes = 64;

    private readonly SortedSet<ulong> _vdsoBases = [];

    /// <summary>Addresses that the vDSO is mapped at, as far as its code was read.</summary>
    public IEnumerable<ulong> VdsoBases => _vdsoBases;

    /// <inheritdoc/>
    public byte[] Read(int core, ulong address)
    {
        byte[] code = new byte[ICodeReader.LongestInstruction];
        int length = machine.Cores[core].Context.Virtual.Peek(address, code);
        if (length > 0)
            LookForVdso(core, address);
        return code[..length];
    }

    /// <summary>The vDSO is mapped whole: its header is at a page not farther below than its file is long.</summary>
    private void LookForVdso(int core, ulong address)
    {
        if (vdso == null || _vdsoBases.Any(b => address - b < (ulong)vdso.File.Length))
            return;
        Span<byte> header = stackalloc byte[HeaderBytes];
        ulong highest = address & ~(PageSize - 1);
        ulong lowest = highest - Math.Min(highest, (ulong)vdso.File.Length & ~(PageSize - 1));
        for (ulong page = highest; page >= lowest && page != 0; page -= PageSize)
        {
            if (machine.Cores[core].Context.Virtual.Peek(page, header) < HeaderBytes)
                return;
            if (header.SequenceEqual(vdso.File[..HeaderBytes]))
            {
                _vdsoBases.Add(page);
                return;
            }
        }
    }
}
