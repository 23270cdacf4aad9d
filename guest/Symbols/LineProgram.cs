namespace CoSim.Guest.Symbols;

/// <summary>Runs DWARF's line number programs (DWARF 5, section 6.2; versions 2 to 5, 32- and 64-bit format).</summary>
internal sealed class LineProgram(string file, byte[] lines, byte[] lineStrings, byte[] strings, FileList files, List<LineRow> rows)
{
    private const string Place = ".debug_line";

    public void RunAll()
    {
        ulong at = 0;
        while (at < (ulong)lines.Length)
        {
            ByteReader r = new(lines, file, Place);
            r.Seek(at);
            ulong length = r.U32();
            bool wide = length == 0xFFFFFFFF;
            if (wide) length = r.U64();
            ulong start = (ulong)r.Position;
            if (length > (ulong)lines.Length - start) throw r.Fault($"the unit at offset {at:X}h reaches beyond the end");
            Run(lines.AsSpan(0, (int)(start + length)), start, wide);
            at = start + length;
        }
    }

    private void Run(ReadOnlySpan<byte> unit, ulong start, bool wide)
    {
        ByteReader r = new(unit, file, Place);
        r.Seek(start);
        int version = r.U16();
        if (version is < 2 or > 5) return; // a version to come: its lines stay unknown
        if (version >= 5) r.U16();         // sizes of addresses and of segment selectors
        ulong headerLength = r.Offset(wide);
        ulong program = (ulong)r.Position + headerLength;
        LineMachine machine = new() { MinimumLength = r.U8() };
        if (version >= 4) r.U8();          // operations per instruction: 1 except on VLIW
        r.U8();                            // whether rows are statements by default
        machine.LineBase = (sbyte)r.U8();
        machine.LineRange = r.U8();
        int opcodeBase = r.U8();
        if (machine.LineRange == 0) throw r.Fault($"the unit at offset {start:X}h has line range 0");
        byte[] arguments = r.Take((ulong)Math.Max(opcodeBase - 1, 0)).ToArray();
        List<int> names = version >= 5 ? LineFiles.ReadVersion5(ref r, wide, lineStrings, strings, file, files) : LineFiles.Read(ref r, files);
        r.Seek(program);
        machine.Reset();
        while (!r.AtEnd) Step(ref r, ref machine, opcodeBase, arguments, names);
    }

    private void Step(ref ByteReader r, ref LineMachine m, int opcodeBase, byte[] arguments, List<int> names)
    {
        int opcode = r.U8();
        if (opcode >= opcodeBase)
        {
            int adjusted = opcode - opcodeBase;
            m.Address += (ulong)(adjusted / m.LineRange) * m.MinimumLength;
            m.Line += m.LineBase + adjusted % m.LineRange;
            Row(in m, names);
            return;
        }
        switch (opcode)
        {
            case 0: Extended(ref r, ref m, names); break;
            case 1: Row(in m, names); break;
            case 2: m.Address += r.Uleb() * m.MinimumLength; break;
            case 3: m.Line += (int)r.Sleb(); break;
            case 4: m.File = (int)r.Uleb(); break;
            case 8: m.Address += (ulong)((255 - opcodeBase) / m.LineRange) * m.MinimumLength; break;
            case 9: m.Address += r.U16(); break;
            default:
                for (int i = 0; i < arguments[opcode - 1]; i++) r.Uleb();
                break;
        }
    }

    private void Extended(ref ByteReader r, ref LineMachine m, List<int> names)
    {
        ulong length = r.Uleb();
        if (length == 0) return;
        ulong next = (ulong)r.Position + length;
        switch (r.U8())
        {
            case 1: // end of sequence
                EndSequence(ref m);
                break;
            case 2 when length == 9:
                m.Address = r.U64();
                m.Start = m.Address;
                break;
            case 3: // a file defined by the program, in versions before 5
                names.Add(files.Add(r.Text()));
                break;
        }
        r.Seek(next);
    }

    // Linkers leave the lines of functions that they drop at address 0.
    private void EndSequence(ref LineMachine m)
    {
        if (m.Start != 0) rows.Add(new LineRow(m.Address, 0, 0));
        m.Reset();
    }

    private void Row(in LineMachine m, List<int> names)
    {
        if (m.Start != 0 && m.File >= 0 && m.File < names.Count) rows.Add(new LineRow(m.Address, names[m.File], Math.Max(m.Line, 0)));
    }
}

/// <summary>The registers of the line number machine, as far as they matter here.</summary>
internal struct LineMachine
{
    public ulong Address, Start;
    public int File, Line, LineBase, LineRange;
    public ulong MinimumLength;

    public void Reset() => (Address, Start, File, Line) = (0, 0, 1, 1);
}
