using System.Globalization;

namespace CoSim.Guest.Link;

/// <summary>What an image is for; decides its layout, its entry stub and its file type.</summary>
public enum ImageKind
{
    /// <summary>Higher-half kernel with a PVH entry at a physical address.</summary>
    Kernel,
    /// <summary>Firmware: runs in low memory, starts at the reset vector, also written as a flat binary.</summary>
    Firmware,
    /// <summary>Position-independent shared object with the vDSO's symbols.</summary>
    Vdso,
    /// <summary>Static Linux program.</summary>
    User,
}

/// <summary>The command line of the linker.</summary>
public sealed class LinkOptions
{
    /// <summary>The object file that ILC wrote.</summary>
    public string Input { get; private set; } = "";
    /// <summary>The ELF image to write.</summary>
    public string Output { get; private set; } = "";
    /// <summary>The flat binary to write as well (firmware), or empty.</summary>
    public string Binary { get; private set; } = "";
    /// <summary>The report to write: functions that use vector registers, calls that became instructions; or empty.</summary>
    public string Report { get; private set; } = "";
    /// <summary>The kind of image.</summary>
    public ImageKind Kind { get; private set; }
    /// <summary>Added to a kernel's physical addresses; the first address of a user program or of firmware at run time.</summary>
    public ulong VirtualBase { get; private set; }
    /// <summary>A kernel's load address.</summary>
    public ulong PhysicalBase { get; private set; } = 0x100000;
    /// <summary>The exported C# function that the entry stub calls.</summary>
    public string Entry { get; private set; } = "";
    /// <summary>Files to embed: symbol prefix and path.</summary>
    public List<(string Symbol, string Path)> Embeds { get; } = [];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="LinkException">An option is unknown, lacks its value or has a bad one.</exception>
    public static LinkOptions Parse(string[] args)
    {
        LinkOptions o = new();
        ulong? virtualBase = null;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : throw new LinkException(1, $"option {args[i]} needs a value");
            switch (args[i])
            {
                case "--input": o.Input = value; break;
                case "--output": o.Output = value; break;
                case "--binary": o.Binary = value; break;
                case "--report": o.Report = value; break;
                case "--entry": o.Entry = value; break;
                case "--kind":
                    o.Kind = Enum.TryParse(value, true, out ImageKind kind) ? kind : throw new LinkException(1, $"unknown image kind '{value}'");
                    break;
                case "--virtual-base": virtualBase = Hex(args[i], value); break;
                case "--physical-base": o.PhysicalBase = Hex(args[i], value); break;
                case "--embed":
                    int equals = value.IndexOf('=', StringComparison.Ordinal);
                    if (equals <= 0) throw new LinkException(1, $"--embed wants symbol=path, not '{value}'");
                    o.Embeds.Add((value[..equals], value[(equals + 1)..]));
                    break;
                default: throw new LinkException(1, $"unknown option '{args[i]}'");
            }
        }
        if (o.Input == "" || o.Output == "") throw new LinkException(1, "--input and --output are needed");
        o.VirtualBase = virtualBase ?? o.Kind switch { ImageKind.Kernel => 0xFFFFFFFF80000000, ImageKind.Firmware => 0x40000, ImageKind.User => 0x400000, _ => 0 };
        if (o.Entry == "") o.Entry = o.Kind switch { ImageKind.Kernel => "kernel_main", ImageKind.Firmware => "firmware_main", ImageKind.User => "main", _ => "" };
        return o;
    }

    private static ulong Hex(string option, string value)
    {
        string digits = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? value[2..] : value;
        return ulong.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong v)
            ? v : throw new LinkException(1, $"{option}: '{value}' is not a hexadecimal number");
    }
}
