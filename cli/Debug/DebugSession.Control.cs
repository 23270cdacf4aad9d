using System.Globalization;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Guest.Symbols;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Debug;

/// <content>
/// What can be done between two turns of the cores only: the engine leaves its code at this boundary, as it does after a change by the
/// debugger, and another history begins.
/// </content>
internal sealed partial class DebugSession
{
    private string? _checkpointPath;
    private bool _resetWanted;

    private void WriteCheckpoint(string path, TextWriter output)
    {
        try
        {
            WholeFile.CheckWritable(path);
        }
        catch (BadInputException e)
        {
            output.WriteLine(e.Message);
            return;
        }

        LeaveHere(() => _checkpointPath = path);
        output.WriteLine($"{path} is written when the machine goes on");
    }

    /// <summary>A stripped kernel has its names in kallsyms only, which gdb does not read.</summary>
    private void WriteSymbols(string path, string? kernel, TextWriter output)
    {
        try
        {
            byte[] file = kernel is not null ? InputFile.Read(kernel)
                : FlashImage.Find(Machine.Spec.Flash, "kernel")?.ToArray() ?? throw new BadInputException("symbols", "no kernel lies in the flash; name its vmlinux");
            SymbolTable symbols = KernelNames.Read(KernelNames.Image(kernel ?? "the kernel", file), null);
            ulong moved = symbols.Find(KernelNames.SystemCallEntry) is { } entry && Machine.Cores[0].SystemCallEntry is > 0 and ulong there ? there - entry.Address : 0;
            byte[] made = SymbolFile.Make(symbols, moved);
            WholeFile.Write(path, stream => stream.Write(made));
            output.WriteLine($"{path}: {symbols.WithAliases.Count} symbols{(moved == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", moved by 0x{moved:x}"))}");
        }
        catch (BadInputException e)
        {
            output.WriteLine(e.Message);
        }
    }

    private void LeaveHere(Action order)
    {
        order();
        _changed = true;
    }

    /// <summary>Between two turns: carries out what waited for it.</summary>
    private void ActBetweenTurns()
    {
        Machine.RestartOnReset &= _resetWanted;
        if (_checkpointPath is { } path)
        {
            _checkpointPath = null;
            WholeFile.Write(path, _run.TakeCheckpoint().Write);
        }

        if (_resetWanted)
        {
            _resetWanted = false;
            Machine.RestartOnReset = true;
            ((IMachineControl)Machine).RequestReset(ResetKind.Cold);
        }
    }
}
