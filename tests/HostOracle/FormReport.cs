using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>How the examination of a form ended.</summary>
public enum FormOutcome
{
    /// <summary>All cases agreed.</summary>
    Same,

    /// <summary>At least one case differed.</summary>
    Different,

    /// <summary>The simulator does not implement the form.</summary>
    NotImplemented,

    /// <summary>No instance could be encoded.</summary>
    NotEncodable,
}

/// <summary>Result of the examination of one form.</summary>
/// <param name="Code">The form.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Cases">Cases run.</param>
/// <param name="Faults">Cases that ended in an exception on the host.</param>
/// <param name="Failures">Descriptions of the differing cases.</param>
public sealed record FormReport(Code Code, FormOutcome Outcome, int Cases, int Faults, IReadOnlyList<string> Failures);
