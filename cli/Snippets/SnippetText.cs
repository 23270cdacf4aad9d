using System.Globalization;
using System.Numerics;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Snippets;

/// <summary>The result of a snippet for people.</summary>
internal static class SnippetText
{
    private const int Empty = 3, BytesPerLine = 16;

    /// <summary>Writes registers, memory, and what the detailed engine measured.</summary>
    public static void Write(SnippetResult result, Screen screen)
    {
        TextWriter output = screen.Output;
        string times = result.Request.Iterations == 1 ? "" : $", {result.Iterations} iterations";
        output.WriteLine($"{SnippetNames.Describe(result)}, {Counted(result.Instructions, "instruction")}{times}");
        WriteGeneral(result, output);
        WriteVectors(result, output);
        WriteX87(result, output);
        if (result.Request.All)
            WriteSystem(result.After, output);
        foreach ((ShownMemory range, byte[]? bytes) in result.Memory)
            WriteMemory(range, bytes, output);
        foreach (UnmetExpectation unmet in result.Unmet)
            output.WriteLine($"expected {unmet.What} = {unmet.Expected}, found {unmet.Found}");
        foreach (string name in result.Unmodelled)
            output.WriteLine($"not modelled: {name}");
        if (result.Timing is not null)
            TimingText.Write(result, result.Timing, screen);
    }

    /// <summary><c>1 instruction</c>, <c>2 instructions</c>.</summary>
    public static string Counted(ulong count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static void WriteGeneral(SnippetResult result, TextWriter output)
    {
        bool wide = result.Request.Mode == BareMode.Long64;
        int digits = wide ? 16 : 8;
        for (int n = 0; n < (wide ? 16 : 8); n++)
        {
            ulong value = result.After.General[n];
            if (result.Request.All || value != result.Before.General[n])
                output.WriteLine($"{Name(n, wide),-6} 0x{Hex(value, digits)}  {Decimal(value, wide)}");
        }
        output.WriteLine($"{(wide ? "rip" : "eip"),-6} 0x{Hex(result.After.InstructionPointer, digits)}");
        output.WriteLine($"flags  0x{Hex(result.After.Flags, 8)}  {Flags(result.After.Flags)}".TrimEnd());
    }

    private static string Name(int register, bool wide) => wide ? RegisterCatalog.General[register] : "e" + RegisterCatalog.General[register][1..];

    private static string Decimal(ulong value, bool wide)
    {
        long signed = wide ? (long)value : (int)value;
        return signed < 0
            ? string.Create(CultureInfo.InvariantCulture, $"{value} {signed}")
            : value.ToString(CultureInfo.InvariantCulture);
    }

    private static string Flags(uint flags) => string.Join(
        ' ',
        RegisterCatalog.Flags.Where(f => (flags >> f.Position & ((1u << f.Bits) - 1)) != 0)
            .Select(f => f.Bits == 1 ? f.Name : $"{f.Name}={flags >> f.Position & ((1u << f.Bits) - 1)}"));

    private static void WriteVectors(SnippetResult result, TextWriter output)
    {
        for (int n = 0; n < 16; n++)
        {
            BigInteger value = result.After.Vectors[n];
            if (!result.Request.All && value == result.Before.Vectors[n])
                continue;
            bool wide = value >> 128 != result.Before.Vectors[n] >> 128 || !(value >> 128).IsZero;
            output.WriteLine($"{(wide ? "ymm" : "xmm")}{n,-3} 0x{Hex(value, wide ? 64 : 32)}");
        }
        if (result.Request.All || result.After.Mxcsr != result.Before.Mxcsr)
            output.WriteLine($"mxcsr  0x{Hex(result.After.Mxcsr, 8)}");
    }

    private static void WriteX87(SnippetResult result, TextWriter output)
    {
        MachineState after = result.After;
        if (!result.Request.All && !after.HasOtherX87(result.Before))
            return;
        output.WriteLine($"fcw    0x{Hex(after.X87Control, 4)}  fsw 0x{Hex(after.X87Status, 4)}  ftw 0x{Hex(after.X87TagWord, 4)}");
        for (int n = 0; n < 8; n++)
        {
            if (after.Tags[n] != Empty)
                output.WriteLine($"st{n,-4} 0x{Hex((BigInteger)after.Stack[n], 20)}  {ExtendedReal.ToText(after.Stack[n])}");
        }
        for (int n = 0; n < 8; n++)
        {
            if (after.Mmx[n] != result.Before.Mmx[n])
                output.WriteLine($"mm{n,-4} 0x{Hex(after.Mmx[n], 16)}");
        }
    }

    private static void WriteSystem(MachineState state, TextWriter output)
    {
        foreach ((string name, var segment) in RegisterCatalog.Segments.Zip(state.Segments))
            output.WriteLine($"{name,-6} 0x{Hex(segment.Selector, 4)}  base 0x{segment.Base:x}, limit 0x{segment.Limit:x}, attributes 0x{segment.Attributes:x3}");
        output.WriteLine($"cpl    {state.PrivilegeLevel}");
        foreach ((string name, ulong value) in state.Control)
            output.WriteLine($"{name,-6} 0x{Hex(value, 16)}");
    }

    private static void WriteMemory(ShownMemory range, byte[]? bytes, TextWriter output)
    {
        if (bytes is null)
        {
            output.WriteLine($"0x{range.Address:x}: not mapped");
            return;
        }
        for (int at = 0; at < bytes.Length; at += BytesPerLine)
        {
            ReadOnlySpan<byte> line = bytes.AsSpan(at, Math.Min(BytesPerLine, bytes.Length - at));
            string hex = string.Join(' ', line.ToArray().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
            string text = string.Concat(line.ToArray().Select(b => b is >= 0x20 and < 0x7F ? (char)b : '.'));
            output.WriteLine($"0x{range.Address + (uint)at:x8}  {hex.PadRight((BytesPerLine * 3) - 1)}  {text}");
        }
    }

    private static string Hex(ulong value, int digits) => value.ToString("x" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Hexadecimal digits of a number that is not negative.</summary>
    public static string Hex(BigInteger value, int digits)
    {
        // The leading 0 says "not negative" and goes when it is one too many.
        string text = value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return text.PadLeft(digits, '0');
    }
}
