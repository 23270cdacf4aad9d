using System.Globalization;
using CoSim.Cli.Debug.Target;
using CoSim.Cli.Running;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Cli.Debug;

/// <content>
/// Instructions as the core decodes them at present: gdb, told of a 64-bit processor, shows all code as 64-bit code and will not be told
/// otherwise.
/// </content>
internal sealed partial class DebugSession
{
    private const int InstructionsShown = 8, MostInstructionsShown = 256, LongestInstruction = 15;

    private readonly InstructionText _text = new(_ => null);

    /// <summary>Lists instructions from an address, or from where the core stands: linear address, bytes, text.</summary>
    private static unsafe void ListCode(InstructionText text, MachineCore core, (ulong? Address, ulong Count) from, TextWriter output)
    {
        CpuState* s = core.Context.State;
        int bits = ModeKeys.CodeBits(s->ModeKey);
        ulong at = from.Address ?? core.Context.LinearRip, codeBase = core.Context.LinearRip - s->Rip;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bits}-bit code, CS {CpuState.Segment(s, SegmentIndex.Cs).Selector:x4} at {codeBase:x}"));
        byte[] bytes = new byte[LongestInstruction];
        for (ulong n = 0; n < from.Count; n++)
        {
            int read = TargetMemory.ReadLinear(core, at, bytes);
            (byte[] own, string line) = text.Format(bytes[..read], at - codeBase, bits);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(at == core.Context.LinearRip ? "=>" : "  ")} {at:x16}  {Convert.ToHexStringLower(own),-24} {(own.Length == 0 ? "no instruction" : line)}"));
            if (own.Length == 0)
                return;
            at += (ulong)own.Length;
        }
    }

    private void ListCode(string[] words, MachineCore core, TextWriter output)
    {
        ulong address = 0, count = InstructionsShown;
        if (words.Length > 3 || (words.Length > 1 && !Hexadecimal(words[1], out address)) || (words.Length > 2 && !Hexadecimal(words[2], out count)) || count is 0 or > MostInstructionsShown)
            output.WriteLine($"{string.Join(' ', words)}: an address and a number of instructions from 1 to {MostInstructionsShown:x}");
        else
            ListCode(_text, core, (words.Length > 1 ? address : null, count), output);
    }
}
