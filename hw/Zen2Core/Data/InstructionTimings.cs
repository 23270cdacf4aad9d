using Iced.Intel;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Hw.Zen2Core.Data;

/// <summary>What measurements say about one instruction form.</summary>
/// <param name="Latency">Cycles from operands to result; 0 when the table has none.</param>
/// <param name="Throughput">Hundredths of a cycle between independent instances.</param>
/// <param name="MacroOps">Macro-ops; 0 when the table has none.</param>
/// <param name="VectorPipes">Floating-point pipes that take it, a bit each; 0 when the table has none.</param>
public readonly record struct FormTiming(int Latency, int Throughput, int MacroOps, int VectorPipes)
{
    /// <summary>The form reads memory: its latency is measured from there.</summary>
    public bool FromMemory { get; init; }
}

/// <summary>What a microcoded instruction takes once it is the oldest.</summary>
/// <param name="Cycles">Core cycles.</param>
/// <param name="Drains">Retired stores are written before it runs.</param>
/// <param name="Cause">What its cycles are attributed to.</param>
public readonly record struct MicrocodeTiming(int Cycles, bool Drains, CycleCause Cause);

/// <summary>
/// Timings of instruction forms from <c>timings.csv</c> (measured, by mnemonic and operand shape) and of microcoded
/// instructions from <c>microcode.csv</c>.
/// </summary>
public sealed class InstructionTimings
{
    /// <summary>Cycles from one microcoded instruction to the next beside those of its microcode: dispatch and retirement.</summary>
    private const int PipelinePart = 2;

    private readonly Dictionary<string, FormTiming> _forms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MicrocodeTiming> _microcode = new(StringComparer.Ordinal);

    private InstructionTimings(CsvTable forms, CsvTable microcode)
    {
        for (int row = 0; row < forms.Count; row++)
        {
            FormTiming timing = new(
                Optional(forms, row, "latency"), Optional(forms, row, "rthroughput_x100"), Optional(forms, row, "uops"), Optional(forms, row, "vector_pipes"))
            {
                FromMemory = IsLoad(forms.Text(row, "operands")),
            };
            string key = Key(forms.Text(row, "mnemonic"), forms.Text(row, "operands"));
            if (!_forms.TryAdd(key, timing))
            {
                throw new DataFileException(forms.Name, CsvTable.LineOf(row), $"'{key}' is defined twice");
            }
        }

        for (int row = 0; row < microcode.Count; row++)
        {
            string cause = microcode.Text(row, "cause");
            if (!Enum.TryParse(cause, out CycleCause parsed))
            {
                throw new DataFileException(microcode.Name, CsvTable.LineOf(row), $"unknown cause '{cause}'");
            }

            MicrocodeTiming timing = new(microcode.Number(row, "cycles"), microcode.Number(row, "drains") != 0, parsed);
            if (!_microcode.TryAdd(microcode.Text(row, "mnemonic"), timing))
            {
                throw new DataFileException(microcode.Name, CsvTable.LineOf(row), $"'{microcode.Text(row, "mnemonic")}' is defined twice");
            }
        }

        if (!_microcode.ContainsKey("*default"))
        {
            throw new DataFileException(microcode.Name, 1, "no row '*default'");
        }
    }

    /// <summary>The timings that come with the simulator.</summary>
    /// <exception cref="DataFileException">A file is malformed.</exception>
    public static InstructionTimings Load() => Load(CsvTable.Embedded("timings.csv"), CsvTable.Embedded("microcode.csv"));

    /// <summary>Timings from other tables, for studies and for tests.</summary>
    /// <exception cref="DataFileException">A table is malformed.</exception>
    public static InstructionTimings Load(CsvTable forms, CsvTable microcode) => new(forms, microcode);

    /// <summary>The measured timing of a form, with its register or its memory operand.</summary>
    /// <returns>False when no measurement fits.</returns>
    public bool TryGet(Code code, bool memory, out FormTiming timing)
    {
        string form = code.ToOpCode().ToInstructionString();
        int space = form.IndexOf(' ');
        string mnemonic = code.Mnemonic().ToString().ToUpperInvariant();
        string operands = space < 0 ? "" : string.Join(' ', form[(space + 1)..].Split(',').Where(IsExplicit).Select(operand => Shape(operand.Trim(), memory)));
        return _forms.TryGetValue(Key(Variant(code, memory) ?? Alias(mnemonic), operands), out timing);
    }

    // A memory operand that is not the first of a move to it: the only or a later operand.
    private static bool IsLoad(string operands)
    {
        string[] parts = operands.Split(' ');
        return Array.FindIndex(parts, part => part.StartsWith('M') && part != "MM") > 0;
    }

    /// <summary>Whether the tables have a row for a form, in whichever way it is executed.</summary>
    public bool Covers(Code code)
    {
        Mnemonic mnemonic = code.Mnemonic();
        return TryGet(code, false, out _) || TryGet(code, true, out _)
            || _microcode.ContainsKey(mnemonic.ToString().ToUpperInvariant()) || _microcode.ContainsKey(Group(code, mnemonic));
    }

    /// <summary>The timing of a microcoded instruction: its own row, that of its group, what is measured, or the default.</summary>
    /// <param name="code">The form.</param>
    /// <param name="memory">Whether its operand is in memory.</param>
    public MicrocodeTiming Microcode(Code code, bool memory)
    {
        Mnemonic mnemonic = code.Mnemonic();
        string name = mnemonic.ToString().ToUpperInvariant();
        if (_microcode.TryGetValue(name, out MicrocodeTiming timing) || _microcode.TryGetValue(Group(code, mnemonic), out timing))
        {
            return timing;
        }

        MicrocodeTiming fallback = _microcode["*default"];
        return TryGet(code, memory, out FormTiming form) || TryGet(code, !memory, out form)
            ? fallback with { Cycles = Math.Max(1, ((form.Throughput + 99) / 100) - PipelinePart) }
            : fallback;
    }

    private static string Group(Code code, Mnemonic mnemonic)
    {
        switch (mnemonic)
        {
            case Mnemonic.Mov:
                string form = code.ToString();
                return form.StartsWith("Mov_cr", StringComparison.Ordinal) ? "*mov.cr.write"
                    : form.EndsWith("_cr", StringComparison.Ordinal) ? "*mov.cr.read"
                    : form.StartsWith("Mov_dr", StringComparison.Ordinal) ? "*mov.dr.write"
                    : form.EndsWith("_dr", StringComparison.Ordinal) ? "*mov.dr.read"
                    : "*mov.seg";
            case Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Movsq or Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd
                or Mnemonic.Stosq or Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Lodsq or Mnemonic.Scasb or Mnemonic.Scasw
                or Mnemonic.Scasd or Mnemonic.Scasq or Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq:
                return "*string.setup";
            case Mnemonic.Jmp or Mnemonic.Call or Mnemonic.Retf:
                return "*far";
            default:
                return mnemonic.ToString().StartsWith('F') && mnemonic != Mnemonic.Femms ? "*x87" : "";
        }
    }

    /// <summary>The tables leave out operands that the encoding does not have: <c>&lt;XMM0&gt;</c>.</summary>
    private static bool IsExplicit(string operand) => !operand.Contains('<', StringComparison.Ordinal);

    private static string Key(string mnemonic, string operands) => operands.Length == 0 ? mnemonic : mnemonic + " " + operands;

    /// <summary>Mnemonics that the tables tell apart where assemblers do not, or null.</summary>
    private static string? Variant(Code code, bool memory) => code switch
    {
        Code.Imul_r16_rm16_imm8 or Code.Imul_r32_rm32_imm8 or Code.Imul_r64_rm64_imm8 when !memory => "IMUL_IMMB",
        Code.Imul_r16_rm16_imm16 or Code.Imul_r32_rm32_imm32 or Code.Imul_r64_rm64_imm32 when !memory => "IMUL_IMMZ",
        Code.Shld_rm16_r16_imm8 or Code.Shld_rm32_r32_imm8 or Code.Shld_rm64_r64_imm8 when !memory => "SHLD_IMMB",
        Code.Shrd_rm16_r16_imm8 or Code.Shrd_rm32_r32_imm8 or Code.Shrd_rm64_r64_imm8 when !memory => "SHRD_IMMB",
        Code.Rcl_rm8_1 or Code.Rcl_rm16_1 or Code.Rcl_rm32_1 or Code.Rcl_rm64_1 => "RCL_D1",
        Code.Rcr_rm8_1 or Code.Rcr_rm16_1 or Code.Rcr_rm32_1 or Code.Rcr_rm64_1 => "RCR_D1",
        Code.Cmpsd_xmm_xmmm64_imm8 => "CMPSD_XMM",
        Code.Movsd_xmm_xmmm64 or Code.Movsd_xmmm64_xmm => "MOVSD_XMM",
        _ => null,
    };

    /// <summary>Iced names condition codes and pairs in one way, the tables in another.</summary>
    private static string Alias(string mnemonic) => mnemonic switch
    {
        "JE" => "JZ",
        "JNE" => "JNZ",
        "JA" => "JNBE",
        "JAE" => "JNB",
        "JG" => "JNLE",
        "JGE" => "JNL",
        "SETE" => "SETZ",
        "SETNE" => "SETNZ",
        "SETA" => "SETNBE",
        "SETAE" => "SETNB",
        "SETG" => "SETNLE",
        "SETGE" => "SETNL",
        "CMOVE" => "CMOVZ",
        "CMOVNE" => "CMOVNZ",
        "CMOVA" => "CMOVNBE",
        "CMOVAE" => "CMOVNB",
        "CMOVG" => "CMOVNLE",
        "CMOVGE" => "CMOVNL",
        "SAL" => "SHL",
        "XLATB" => "XLAT",
        "JCXZ" or "JECXZ" => "JRCXZ",
        _ => mnemonic,
    };

    /// <summary>An operand of a manual's form (<c>r/m64</c>, <c>xmm2/m128</c>, <c>imm8</c>) in the tables' words (<c>R64</c>, <c>M128</c>, <c>I</c>).</summary>
    private static string Shape(string operand, bool memory)
    {
        if (operand.StartsWith("imm", StringComparison.Ordinal) || operand is "1")
        {
            return "I";
        }

        if (operand.StartsWith("rel", StringComparison.Ordinal))
        {
            return operand is "rel8" ? "Rel8" : "Rel32";
        }

        int slash = operand.IndexOf('/');
        if (slash >= 0)
        {
            string part = memory ? operand[(slash + 1)..] : operand[..slash];
            return memory ? "M" + Digits(part) : part is "r" ? "R" + Digits(operand) : Shape(part, false);
        }

        return operand switch
        {
            "AL" => "R8",
            "AX" => "R16",
            "EAX" => "R32",
            "RAX" => "R64",
            _ when operand.StartsWith('r') => "R" + Digits(operand),
            _ when operand.StartsWith('m') && operand.StartsWith("mm", StringComparison.Ordinal) => "MM",
            _ when operand.StartsWith('m') => "M" + Digits(operand),
            "vm32x" or "vm64x" => "VSIB_XMM",
            "vm32y" or "vm64y" => "VSIB_YMM",
            _ when operand.StartsWith("ST", StringComparison.Ordinal) => "ST",
            _ when operand.StartsWith("xmm", StringComparison.Ordinal) => "XMM",
            _ when operand.StartsWith("ymm", StringComparison.Ordinal) => "YMM",
            _ => operand,
        };
    }

    private static string Digits(string text) => new([.. text.Where(char.IsDigit)]);

    private static int Optional(CsvTable table, int row, string column) => table.Text(row, column).Length == 0 ? 0 : table.Number(row, column);
}
