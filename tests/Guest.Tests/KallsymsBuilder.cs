using System.Buffers.Binary;
using System.Text;

namespace CoSim.Guest.Tests;

/// <summary>Where the addresses of kallsyms are, and how they are written.</summary>
public enum KallsymsLayout
{
    /// <summary>Linux 4.20 to 6.1: offsets in front of the names; values from 0 on are absolute.</summary>
    OffsetsFirst,

    /// <summary>Linux 6.2 and 6.3: the same with kallsyms_seqs_of_names behind the markers.</summary>
    OffsetsFirstWithSequences,

    /// <summary>Linux 6.4 and later: offsets behind the tokens.</summary>
    OffsetsLast,

    /// <summary>Without CONFIG_KALLSYMS_BASE_RELATIVE: addresses in front of the names.</summary>
    Addresses,
}

/// <summary>Writes kallsyms tables as scripts/kallsyms.c lays them out, from its description, with the symbols given.</summary>
internal static class KallsymsBuilder
{
    private const ulong Base = 0xFFFF_FFFF_8100_0000;

    /// <summary>An image with the tables somewhere inside.</summary>
    /// <param name="symbols">Address, type letter and name, by address.</param>
    /// <param name="layout">The version.</param>
    public static byte[] Build(IReadOnlyList<(ulong Address, char Letter, string Name)> symbols, KallsymsLayout layout)
    {
        MemoryStream file = new();
        for (int i = 0; i < 5000; i++)
            file.WriteByte((byte)(i * 37 >> 3));
        if (layout is KallsymsLayout.OffsetsFirst or KallsymsLayout.OffsetsFirstWithSequences)
            WriteOffsets(file, symbols);
        if (layout == KallsymsLayout.Addresses)
            foreach ((ulong address, _, _) in symbols)
                Write(Align(file), address);
        Write(Align(file), (ulong)symbols.Count);
        List<int> markers = WriteNames(file, symbols);
        Align(file);
        foreach (int marker in markers)
            Write(file, (uint)marker);
        if (layout == KallsymsLayout.OffsetsFirstWithSequences)
            Align(file).Write(new byte[symbols.Count * 3]);
        WriteTokens(Align(file));
        if (layout == KallsymsLayout.OffsetsLast)
            WriteOffsets(file, symbols);
        file.Write(new byte[100]);
        return file.ToArray();
    }

    /// <summary>Bytes 0 to 127 stand for two characters or for themselves; those above for longer words.</summary>
    private static string Token(int token) => token switch
    {
        >= 128 => $"word{token}",
        > 32 and < 127 => ((char)token).ToString(),
        _ => $"~{token}",
    };

    private static List<int> WriteNames(MemoryStream file, IReadOnlyList<(ulong Address, char Letter, string Name)> symbols)
    {
        List<int> markers = [];
        int start = (int)file.Length;
        for (int i = 0; i < symbols.Count; i++)
        {
            if (i % 256 == 0)
                markers.Add((int)file.Length - start);
            byte[] tokens = Compress(symbols[i].Letter + symbols[i].Name);
            file.Write(tokens.Length < 128 ? [(byte)tokens.Length] : [(byte)(tokens.Length | 0x80), (byte)(tokens.Length >> 7)]);
            file.Write(tokens);
        }
        return markers;
    }

    private static byte[] Compress(string text)
    {
        List<byte> tokens = [];
        while (text.Length > 0)
        {
            int best = Enumerable.Range(0, 256).Where(t => text.StartsWith(Token(t), StringComparison.Ordinal)).MaxBy(t => Token(t).Length);
            tokens.Add((byte)best);
            text = text[Token(best).Length..];
        }
        return [.. tokens];
    }

    private static void WriteTokens(MemoryStream file)
    {
        int start = (int)file.Length;
        ushort[] index = new ushort[256];
        for (int token = 0; token < 256; token++)
        {
            index[token] = (ushort)(file.Length - start);
            file.Write(Encoding.ASCII.GetBytes(Token(token) + "\0"));
        }
        Align(file);
        foreach (ushort offset in index)
            file.Write(BitConverter.GetBytes(offset));
    }

    private static void WriteOffsets(MemoryStream file, IReadOnlyList<(ulong Address, char Letter, string Name)> symbols)
    {
        Align(file);
        foreach ((ulong address, _, _) in symbols)
            Write(file, address < Base ? (uint)address : (uint)-(int)(address - Base + 1));
        Write(Align(file), Base);
    }

    private static MemoryStream Align(MemoryStream file)
    {
        file.Write(new byte[-(int)file.Length & 7]);
        return file;
    }

    private static void Write(MemoryStream file, uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        file.Write(bytes);
    }

    private static void Write(MemoryStream file, ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        file.Write(bytes);
    }
}
