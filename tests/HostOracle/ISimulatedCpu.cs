using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>What a simulated processor offers so that the oracle can examine it.</summary>
public interface ISimulatedCpu
{
    /// <summary>Whether programs may branch and have more than one instruction.</summary>
    bool RunsPrograms { get; }

    /// <summary>Whether the simulator implements the form. Forms it does not implement are listed by the tests, not passed.</summary>
    /// <param name="instruction">A decoded instance of the form.</param>
    bool Implements(in Instruction instruction);

    /// <summary>
    /// Runs a program in 64-bit user mode, with the memory of <see cref="OracleLayout"/> mapped one to one and everything around
    /// it not present, until it leaves its bytes, where INT3 stands, or an exception ends it. Most programs are one instruction;
    /// <see cref="RunsPrograms"/> says whether others may be given.
    /// </summary>
    /// <param name="code">Instruction bytes, to be placed at <see cref="OracleLayout.Code"/>.</param>
    /// <param name="input">Registers before.</param>
    /// <param name="scratch">Memory at <see cref="OracleLayout.Scratch"/>, read and written.</param>
    /// <param name="output">Registers after, or at the exception, which is reported in the image. An INT3 of the surroundings is no exception.</param>
    void Run(ReadOnlySpan<byte> code, in MachineImage input, Span<byte> scratch, out MachineImage output);
}
