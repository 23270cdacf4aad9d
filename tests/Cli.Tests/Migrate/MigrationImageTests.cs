using System.Buffers.Binary;
using CoSim.Cli.Migrate;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests.Migrate;

/// <summary>Files of `cosim migrate`: what is no image gives one line with file, byte and cause.</summary>
public sealed class MigrationImageTests
{
    private const int FuzzCases = 2000;

    [Test]
    public void WhatIsWrittenIsRead()
    {
        ProcessImage image = MigrationImage.Read("f", ImageBytes.File(ImageBytes.Small()));
        Assert.That(
            (image.MonotonicNanoseconds, image.BoottimeNanoseconds, image.RealtimeNanoseconds, image.Processes, image.Threads, image.Files, image.Timers, image.Records),
            Is.EqualTo((5_000L, 6_000L, 7_000L, 1, 1, 1, 2, 6)));
    }

    [Test]
    public void MissingFileIsAUserError() => CommandLine.Run("migrate", "--image", "/nonexistent/file").AssertUserError("/nonexistent/file");

    [Test]
    public void ForeignFileIsAUserError() => Check("#!/bin/sh\necho this is no image of processes, but it is long enough\n"u8.ToArray(), "byte 0: this is not an image of 'cosim migrate'");

    [Test]
    public void ShortFileIsAUserError() => Check("COSIMMIG"u8.ToArray(), "byte 8: the file ends within its header");

    [Test]
    public void OtherVersionIsAUserError()
    {
        byte[] file = ImageBytes.File(ImageBytes.Small());
        file[8] = 9;
        Check(file, "byte 8: the image is of version 9, this cosim reads version 1");
    }

    [Test]
    public void DamageIsAUserError()
    {
        byte[] file = ImageBytes.File(ImageBytes.Small());
        file[100] ^= 1;
        Check(file, "byte 56: the image is damaged");
    }

    [Test]
    public void CutFileIsAUserError() => Check(ImageBytes.File(ImageBytes.Small())[..^8], "byte 16: the image has");

    [Test]
    public void ProgramAndImageExcludeEachOther() =>
        CommandLine.Run("migrate", "--image", "x", "--", "busybox").AssertUserError("--image", "no PROGRAM");

    [Test]
    public void TooManyCoresAreAUserError() => CommandLine.Run("migrate", "--to-cores", "17").AssertUserError("--to-cores '17'", "7F52 has 16");

    [Test]
    public void BadTimeIsAUserError() => CommandLine.Run("migrate", "--to-uptime", "long").AssertUserError("--to-uptime 'long'", "1042d");

    [TestCase(5u, "a record file of 8 bytes")]
    [TestCase(99u, "a record of no known kind")]
    [TestCase(1u, "a record header of 8 bytes")]
    public void RecordsThatCannotBeAreNamed(uint kind, string complaint)
    {
        byte[] image = new ImageBytes().Add(1, 0x4352_504D_4953_4F43, 2, 0, 0, 0, 1000, 0, 1, 1, 0).Add(kind, 0).End();
        Check(ImageBytes.File(image), complaint);
    }

    /// <summary>Any change of the file is noticed: the digest covers every byte that the other checks do not.</summary>
    [Test]
    public void AnyDamageIsNoticed()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        byte[] file = ImageBytes.File(ImageBytes.Small());
        for (int i = 0; i < FuzzCases; i++)
        {
            byte[] damaged = [.. file];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            byte[] cut = random.Next(4) == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
            BadInputException? e = Assert.Throws<BadInputException>(() => MigrationImage.Read("f", cut), $"seed {seed}, case {i}");
            Assert.That(e!.Message, Does.StartWith("f: byte ").And.Not.Contain("\n"));
        }
    }

    /// <summary>Whoever makes the digest right may write what he likes: it is read, or refused with a place; nothing else happens.</summary>
    [Test]
    public void AnyRecordsAreReadOrRefused()
    {
        int seed = TestSeed.Next();
        Random random = new(seed);
        byte[] small = ImageBytes.Small();
        int read = 0;
        for (int i = 0; i < FuzzCases; i++)
        {
            byte[] image = [.. small];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(random.Next(image.Length / 4) * 4), random.Next(2) == 0 ? (uint)random.Next(24) : (uint)random.NextInt64());
            image = random.Next(4) == 0 ? image[..(random.Next(image.Length / 8) * 8)] : image;
            if (ProcessImage.Read(image, out string problem) != null)
                read++;
            else
                Assert.That(problem, Does.Match(@"^byte \d+: \S"), $"seed {seed}, case {i}");
        }
        Assert.That(read, Is.InRange(1, FuzzCases - 1), "most words are the processes' own, which only they understand");
    }

    private static void Check(byte[] content, string mention)
    {
        using TemporaryDirectory directory = new();
        string file = directory.Write("program.img", content);
        CommandLine.Run("migrate", "--image", file).AssertUserError(file, mention);
        Assert.That(directory.Names, Has.Length.EqualTo(1));
    }
}
