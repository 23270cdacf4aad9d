using CoSim.Hw.Board;

namespace CoSim.Cli.Tests;

/// <summary>Files that are no checkpoint give one line with file, byte and cause, and exit status 2.</summary>
public sealed class ResumeFileTests
{
    [Test]
    public void MissingFileIsAUserError() => CommandLine.Run("resume", "/nonexistent/file").AssertUserError("/nonexistent/file");

    [Test]
    public void EmptyFileIsAUserError() => Check([], "byte 0: the file ends within its header");

    [Test]
    public void ForeignFileIsAUserError() => Check("#!/bin/sh\necho this is no checkpoint\n"u8, "byte 0: this is not a checkpoint of cosim");

    /// <summary>Files of older and newer builds: what they hold is not guessed at.</summary>
    [Test]
    public void OtherVersionIsAUserError([Values(0U, Checkpoint.Version - 1, Checkpoint.Version + 1, uint.MaxValue)] uint version) =>
        Check([.. "COSIMCKP"u8, .. BitConverter.GetBytes(version), .. "\x04\0\0\0"u8], $"byte 8: the checkpoint is of version {version}, this cosim reads version {Checkpoint.Version}");

    [Test]
    public void TruncatedFileIsAUserError() => Check([.. "COSIMCKP"u8, (byte)Checkpoint.Version, 0, 0, 0, .. "\x04\0\0\0SPEC"u8], "byte 20: the file ends where section SPEC should begin");

    private static void Check(ReadOnlySpan<byte> content, string mention)
    {
        using TemporaryDirectory directory = new();
        string file = directory.Write("machine.ckpt", content);
        CommandLine.Run("resume", file).AssertUserError(file, mention);
    }
}
