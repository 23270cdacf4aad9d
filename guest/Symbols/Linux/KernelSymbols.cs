namespace CoSim.Guest.Symbols.Linux;

/// <summary>What a Linux kernel's file tells about its code.</summary>
public static class KernelSymbols
{
    /// <summary>The name in the dynamic strings of the 64-bit vDSO (arch/x86/entry/vdso/Makefile, -soname).</summary>
    private const string VdsoName = "linux-vdso.so.1";

    /// <summary>Symbols of any kernel: the file's symbol table, or those of kallsyms when it is stripped.</summary>
    public static SymbolTable Of(ElfImage vmlinux) =>
        vmlinux.Symbols.All.Count > 0 ? vmlinux.Symbols : new SymbolTable(Kallsyms.Read(vmlinux.File));

    /// <summary>The 64-bit vDSO that lies in the kernel as it is mapped, but for alternatives; null when there is none.</summary>
    /// <exception cref="ImageFormatException">It is damaged.</exception>
    public static ElfImage? Vdso(ElfImage vmlinux)
    {
        foreach (ElfImage image in vmlinux.Embedded("vdso"))
            if (image.Section(".dynstr").AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(VdsoName)) >= 0)
                return image;
        return null;
    }

    /// <summary>The text that the kernel prints first, for example "Linux version 6.1.0-56-amd64"; empty when it is not found.</summary>
    public static string Version(ElfImage vmlinux)
    {
        ReadOnlySpan<byte> file = vmlinux.File;
        ReadOnlySpan<byte> start = "Linux version "u8;
        for (int at = file.IndexOf(start); at >= 0;)
        {
            ReadOnlySpan<byte> rest = file[(at + start.Length)..];
            int length = rest.IndexOfAny((byte)' ', (byte)0);
            if (length > 0 && char.IsAsciiDigit((char)rest[0]))
                return System.Text.Encoding.ASCII.GetString(file.Slice(at, start.Length + length));
            int next = rest.IndexOf(start);
            at = next < 0 ? -1 : at + start.Length + next;
        }
        return "";
    }
}
