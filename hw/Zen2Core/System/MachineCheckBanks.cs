using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// The machine-check banks of a core: scalable MCA registers C000_2000h + 16 n + k and their legacy aliases 400h + 4 n + k
/// (family 17h model 31h PPR, 3.1). No error ever happens here; the registers are there, hold what may be written, and banks
/// without hardware read as zero.
/// </summary>
internal static unsafe class MachineCheckBanks
{
    /// <summary>Banks that MCG_CAP reports.</summary>
    public const int Count = 10;

    private const uint First = 0xC000_2000, LegacyFirst = 0x400, MaskFirst = 0xC001_0400;
    private const uint Registers = 16;
    private const ulong StatusWriteEnable = 1 << 18;
    private const uint Control = 0, Status = 1, Address = 2, Miscellaneous = 3, Configuration = 4, Identity = 5, Syndrome = 6,
        DeferredStatus = 8, DeferredAddress = 9;

    /// <summary>HardwareID B0h and McaType of LS, IF, L2, DE, none, EX, FP, L3 and two banks of this core that have no hardware.</summary>
    private static readonly ulong[] s_identities =
        [0x0000_00B0, 0x0001_00B0, 0x0002_00B0, 0x0003_00B0, 0, 0x0005_00B0, 0x0006_00B0, 0x0007_00B0, 0, 0];

    /// <summary>McaX, deferred error logging and its interrupt type, as a Rome bank reports them.</summary>
    private const ulong ConfigurationReset = 0x2000_0000_21;

    /// <summary>Rows for the MSR table.</summary>
    public static IEnumerable<MsrRow> Rows()
    {
        for (uint bank = 0; bank < Count; bank++)
        {
            ulong identity = s_identities[bank];
            bool present = identity != 0;
            uint at = First + bank * Registers;
            ulong all = present ? ulong.MaxValue : 0;
            yield return new(at + Control, $"MC{bank}_CTL", 0, all, 0);
            yield return new(at + Status, $"MC{bank}_STATUS", 0, all, 0);
            yield return new(at + Address, $"MC{bank}_ADDR", 0, all, 0);
            yield return new(at + Miscellaneous, $"MC{bank}_MISC0", 0, all, 0);
            yield return new(at + Configuration, $"MC{bank}_CONFIG", present ? ConfigurationReset : 0, all & 0xFF_0000_0000, 0);
            yield return new(at + Identity, $"MC{bank}_IPID", ((identity & 0xFFFF0000) << 32) | ((identity & 0xFFFF) << 32), 0, 0);
            yield return new(at + Syndrome, $"MC{bank}_SYND", 0, all, 0);
            yield return new(at + DeferredStatus, $"MC{bank}_DESTAT", 0, all, 0);
            yield return new(at + DeferredAddress, $"MC{bank}_DEADDR", 0, all, 0);
            yield return new(MaskFirst + bank, $"MC{bank}_CTL_MASK", 0, all, 0);
        }
    }

    /// <summary>The number under which the table knows a legacy alias; other numbers as they are.</summary>
    public static uint Canonical(uint number) =>
        number is >= LegacyFirst and < LegacyFirst + 4 * Count ? First + (number - LegacyFirst) / 4 * Registers + (number & 3) : number;

    /// <summary>True for every number of the banks, those that always read as zero included.</summary>
    public static bool Owns(uint number) => number is >= First and < First + Registers * Count;

    /// <summary>True for registers that describe errors: only a cold reset clears them.</summary>
    public static bool KeptByWarmReset(uint number) => Owns(number)
        && (number & (Registers - 1)) is Status or Address or Miscellaneous or Syndrome or DeferredStatus or DeferredAddress;

    /// <summary>Whether a write is allowed: status registers take only zero unless HWCR.McStatusWrEn is set (PPR 17h, HWCR).</summary>
    public static bool Accepts(CpuState* s, uint number, ulong value) => value == 0
        || (number & (Registers - 1)) is not (Status or DeferredStatus)
        || (MsrTable.Value(s, MsrNumbers.Hwcr) & StatusWriteEnable) != 0;
}
