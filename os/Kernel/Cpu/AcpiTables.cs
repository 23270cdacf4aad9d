using System.Runtime.InteropServices;

namespace CoSim.Os;

/// <summary>The header that starts every ACPI table (ACPI 6.4, table 5.4).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct AcpiHeader
{
    public uint Signature, Length;
    public byte Revision, Checksum;
    public ulong OemIdAndTable0;        // 6 + 2 bytes of OEM id and table id
    public ushort Table1;
    public uint Table2;
    public uint OemRevision, CreatorId, CreatorRevision;
}

/// <summary>What the kernel uses of the FADT.</summary>
public struct Fadt
{
    public bool Present;
    public ushort SciInterrupt;
    public uint Pm1aEventPort, Pm1aControlPort, PmTimerPort;
    public bool PmTimer32Bit;
    public bool HasReset;
    public ushort ResetPort;
    public byte ResetValue;

    /// <summary>SLP_TYPa of S5, from the DSDT's \_S5 package; 5 when there is none.</summary>
    public byte SleepTypeS5;

    /// <summary>SLP_TYPa of S3, when the DSDT has a \_S3 package.</summary>
    public byte SleepTypeS3;
    public bool CanSuspend;

    /// <summary>Physical address of the FACS; 0 when there is none.</summary>
    public ulong Facs;
}

/// <summary>Finds and reads the ACPI tables. Tables with a bad length or checksum are ignored and logged.</summary>
public static unsafe partial class AcpiTables
{
    private static AcpiHeader* s_root;
    private static bool s_wide;

    public static Fadt Fadt;

    /// <summary>Locates the root table; <paramref name="rsdp"/> is the physical address that the boot protocol gave, 0 to search the BIOS area.</summary>
    public static void Initialize(ulong rsdp)
    {
        if (rsdp == 0) rsdp = SearchRsdp();
        if (rsdp == 0)
        {
            Log.Print("ACPI: no RSDP found"u8);
            return;
        }
        byte* r = Map(rsdp, 36);
        byte revision = r[15];
        ulong root = revision >= 2 ? *(ulong*)(r + 24) : 0;
        s_wide = root != 0;
        if (root == 0) root = *(uint*)(r + 16);
        Log.Print("ACPI: RSDP 0x%016llx (v%02x)"u8, rsdp, revision);
        s_root = Open(root);
        if (s_root == null) return;
        for (int i = 0; i < EntryCount; i++) if (Entry(i) is var t && t != null) Describe(t);
        ReadFadt();
    }

    /// <summary>The mapped table with this signature (4 characters), or null.</summary>
    public static AcpiHeader* Find(System.ReadOnlySpan<byte> signature)
    {
        uint wanted = *(uint*)Text.Literal(signature);
        for (int i = 0; s_root != null && i < EntryCount; i++)
        {
            AcpiHeader* t = Entry(i);
            if (t != null && t->Signature == wanted) return t;
        }
        return null;
    }

    private static int EntryCount => (int)(s_root->Length - 36) / (s_wide ? 8 : 4);

    private static AcpiHeader* Entry(int i)
    {
        byte* entries = (byte*)s_root + 36;
        return Open(s_wide ? *(ulong*)(entries + i * 8) : *(uint*)(entries + i * 4));
    }

    private static AcpiHeader* Open(ulong physical)
    {
        AcpiHeader* t = (AcpiHeader*)Map(physical, 36);
        if (t->Length < 36 || t->Length > 16 << 20) return null;
        t = (AcpiHeader*)Map(physical, t->Length);
        byte sum = 0;
        for (uint i = 0; i < t->Length; i++) sum += ((byte*)t)[i];
        if (sum == 0) return t;
        Log.Print("ACPI: table at 0x%llx has a bad checksum, ignored"u8, physical);
        return null;
    }

    private static byte* Map(ulong physical, ulong bytes) =>
        physical + bytes <= BootMemory.DirectMapEnd ? (byte*)DirectMap.Pointer(physical) : Mmio.Map(physical, bytes);

    private static void Describe(AcpiHeader* t)
    {
        byte* name = stackalloc byte[5];
        *(uint*)name = t->Signature;
        name[4] = 0;
        Log.Print("ACPI: %s length %u (v%02u)"u8, (ulong)name, t->Length, t->Revision);
    }

    private static ulong SearchRsdp()
    {
        for (ulong at = 0xE0000; at < 0x100000; at += 16)
        {
            byte* p = (byte*)DirectMap.Pointer(at);
            if (Text.Equal(p, 8, "RSD PTR "u8)) return at;
        }
        return 0;
    }

    private static void ReadFadt()
    {
        byte* f = (byte*)Find("FACP"u8);
        Fadt.SleepTypeS5 = 5;
        if (f == null) return;
        uint length = ((AcpiHeader*)f)->Length;
        Fadt.Present = true;
        Fadt.SciInterrupt = *(ushort*)(f + 46);
        Fadt.Pm1aEventPort = *(uint*)(f + 56);
        Fadt.Pm1aControlPort = *(uint*)(f + 64);
        Fadt.PmTimerPort = f[91] == 4 ? *(uint*)(f + 76) : 0;
        uint flags = *(uint*)(f + 112);
        Fadt.PmTimer32Bit = (flags & 1 << 8) != 0;
        if (length >= 129 && (flags & 1 << 10) != 0 && f[116] == 1)
        {
            Fadt.HasReset = true;
            Fadt.ResetPort = (ushort)*(ulong*)(f + 120);
            Fadt.ResetValue = f[128];
        }
        ulong dsdt = length >= 148 && *(ulong*)(f + 140) != 0 ? *(ulong*)(f + 140) : *(uint*)(f + 40);
        AcpiHeader* d = dsdt == 0 ? null : Open(dsdt);
        Fadt.Facs = length >= 140 && *(ulong*)(f + 132) != 0 ? *(ulong*)(f + 132) : *(uint*)(f + 36);
        if (d == null) return;
        ReadSleepType((byte*)d, d->Length, "_S5_"u8, ref Fadt.SleepTypeS5);
        Fadt.CanSuspend = ReadSleepType((byte*)d, d->Length, "_S3_"u8, ref Fadt.SleepTypeS3);
    }

    /// <summary>The FACS, mapped.</summary>
    public static byte* MapFacs() => Map(Fadt.Facs, 64);

    /// <summary>Finds Name(_S5, Package{...}) by its bytes: an AML interpreter for one constant would be out of proportion.</summary>
    private static bool ReadSleepType(byte* aml, uint length, System.ReadOnlySpan<byte> name, ref byte value)
    {
        for (uint i = 36; i + 12 < length; i++)
        {
            if (!Text.Equal(aml + i, 4, name) || aml[i + 4] != 0x12) continue;
            byte* p = aml + i + 5;
            p += (*p >> 6) + 1;     // PkgLength
            p++;                    // NumElements
            if (*p == 0x0A) p++;    // BytePrefix; ZeroOp and OneOp stand for themselves
            value = (byte)(*p & 7);
            return true;
        }
        return false;
    }
}
