using System.Text;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>The ACPI tables that firmware has left in memory, found as an operating system finds them (ACPI 6.3, 5.2.5).</summary>
internal sealed class AcpiView
{
    private const ulong FirstRsdp = 0xE0000, LastRsdp = 0xFFFF0;
    private const int RsdpLength = 36, RsdpXsdt = 24, RsdpStep = 16, HeaderLength = 36, TableLength = 4, LongestTable = 1 << 20;

    private readonly Dictionary<string, byte[]> _tables = [];

    /// <summary>Looks for the tables.</summary>
    public AcpiView(RegisterView registers)
    {
        for (ulong at = FirstRsdp; at <= LastRsdp && !IsFound; at += RsdpStep)
        {
            byte[] rsdp = registers.Memory(at, RsdpLength);
            if (rsdp.AsSpan().StartsWith("RSD PTR "u8) && Sums(rsdp))
                Read(registers, RegisterView.Field(rsdp, RsdpXsdt, sizeof(ulong)));
        }
    }

    /// <summary>Whether there are tables.</summary>
    public bool IsFound { get; private set; }

    /// <summary>Signatures of tables whose bytes do not add up to zero (ACPI 6.3, 5.2.6).</summary>
    public List<string> BadSums { get; } = [];

    /// <summary>A table by its signature; null when there is none.</summary>
    public byte[]? Find(string signature) => _tables.GetValueOrDefault(signature);

    /// <summary>The structures of the MADT (ACPI 6.3, 5.2.12), each with its type in byte 0.</summary>
    public IEnumerable<byte[]> InterruptStructures()
    {
        const int first = 44;
        byte[] madt = Find("APIC") ?? [];
        for (int at = first; at + 2 <= madt.Length && madt[at + 1] >= 2 && at + madt[at + 1] <= madt.Length; at += madt[at + 1])
            yield return madt[at..(at + madt[at + 1])];
    }

    private void Read(RegisterView registers, ulong xsdt)
    {
        byte[] root = Table(registers, xsdt);
        IsFound = root.Length > 0;
        for (int at = HeaderLength; at + sizeof(ulong) <= root.Length; at += sizeof(ulong))
            _ = Table(registers, RegisterView.Field(root, at, sizeof(ulong)));
    }

    private byte[] Table(RegisterView registers, ulong address)
    {
        ulong length = RegisterView.Field(registers.Memory(address, HeaderLength), TableLength, sizeof(uint));
        byte[] table = length is >= HeaderLength and <= LongestTable ? registers.Memory(address, (int)length) : [];
        if (table.Length == 0)
            return table;
        string signature = Encoding.Latin1.GetString(table, 0, sizeof(uint));
        _ = _tables.TryAdd(signature, table);
        if (!Sums(table))
            BadSums.Add(signature);
        return table;
    }

    private static bool Sums(byte[] bytes) => (byte)bytes.Sum(b => b) == 0;
}
