using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>
/// Memory as the manual's operations see it: the pages of <see cref="OracleLayout"/> and the supervisor's window, with the checks of
/// paging. Writes stay here until they are compared with what an engine wrote.
/// </summary>
/// <param name="read">Reads a byte of the memory before the instruction, by physical address.</param>
internal sealed class ManualMemory(Func<ulong, byte> read)
{
    private const ulong Present = 1, Write = 2, User = 4, Fetch = 16;

    /// <summary>Bytes written, by physical address.</summary>
    public SortedDictionary<ulong, byte> Written { get; } = [];

    /// <summary>Supervisor writes to read-only pages fault.</summary>
    public bool WriteProtect { get; set; }

    /// <summary>64-bit code; segments of other code end at 4 GiB.</summary>
    public bool Is64Bit { get; set; }

    /// <summary>The operand's address comes from rBP or rSP: #SS instead of #GP.</summary>
    public bool StackAddressed { get; set; }

    /// <summary>Reads 1 to 8 bytes.</summary>
    /// <param name="linear">Linear address.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="level">Privilege level of the access; 0 for descriptor tables whatever the program's.</param>
    /// <exception cref="ManualException">#GP or #PF.</exception>
    public ulong Read(ulong linear, int size, int level)
    {
        ulong value = 0;
        CheckCanonical(linear, size);
        for (int n = 0; n < size; n++)
            Translate(linear + (ulong)n, level, isWrite: false);
        for (int n = size - 1; n >= 0; n--)
        {
            ulong physical = Translate(linear + (ulong)n, level, isWrite: false);
            value = (value << 8) | (Written.TryGetValue(physical, out byte written) ? written : read(physical));
        }

        return value;
    }

    /// <summary>Writes 1 to 8 bytes, all or none.</summary>
    /// <exception cref="ManualException">#GP or #PF.</exception>
    public void Store(ulong linear, ulong value, int size, int level)
    {
        CheckWrite(linear, size, level);
        for (int n = 0; n < size; n++)
            Written[Translate(linear + (ulong)n, level, isWrite: true)] = (byte)(value >> (8 * n));
    }

    /// <summary>Whether a write would be allowed.</summary>
    /// <exception cref="ManualException">#GP or #PF.</exception>
    public void CheckWrite(ulong linear, int size, int level)
    {
        CheckCanonical(linear, size);
        for (int n = 0; n < size; n++)
            Translate(linear + (ulong)n, level, isWrite: true);
    }

    /// <summary>#PF of an instruction fetch from a page that holds data; nothing for the code page.</summary>
    public static bool IsCode(ulong linear) => linear - OracleLayout.Code < OracleLayout.CodeSize;

    /// <summary>The error code of a fetch by a program.</summary>
    public static ulong FetchError(bool isPresent, int level) => (isPresent ? Present : 0) | (level == 3 ? User : 0) | Fetch;

    // What is addressed by the stack's registers faults as the stack.
    private void CheckCanonical(ulong linear, int size)
    {
        ulong last = linear + (ulong)size - 1;
        bool beyondLimit = !Is64Bit && linear <= uint.MaxValue && last > uint.MaxValue;
        if (beyondLimit || !ManualProcessor.IsCanonical(linear) || !ManualProcessor.IsCanonical(last))
            throw StackAddressed ? new ManualException(12, 0) : ManualException.Protection(0);
    }

    // Bytes are looked at in ascending order where it matters: the first that may not be accessed is the page fault's address.
    private ulong Translate(ulong linear, int level, bool isWrite)
    {
        ulong reason = (isWrite ? Write : 0) | (level == 3 ? User : 0);
        if (linear >= OracleKernel.Base && linear - OracleKernel.Base < 2 << 20)
            return level != 3 ? linear - OracleKernel.Base : throw new ManualException(14, reason | Present) { Address = linear };
        bool code = IsCode(linear), data = linear - OracleLayout.Scratch < OracleLayout.ScratchSize;
        bool readOnly = linear - OracleLayout.ReadOnly < OracleLayout.ReadOnlySize;
        if (!code && !data && !readOnly)
            throw new ManualException(14, reason) { Address = linear };
        if (isWrite && readOnly && (level == 3 || WriteProtect))
            throw new ManualException(14, reason | Present) { Address = linear };
        return linear;
    }
}
