namespace CoSim.Cli.Tests;

/// <summary>Runs command lines inside the test process.</summary>
internal static class CommandLine
{
    /// <summary>What a command line did.</summary>
    public sealed record Result(int Status, string Output, string Error)
    {
        /// <summary>Asserts that the command ended as user errors must: status 2, one line on the error output, nothing else.</summary>
        public void AssertUserError(params string[] mentions)
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(Status, Is.EqualTo(2));
                Assert.That(Output, Is.Empty);
                Assert.That(Error, Does.StartWith("cosim: ").And.EndWith(Environment.NewLine));
                Assert.That(Error.Trim().Split('\n'), Has.Length.EqualTo(1), Error);
                foreach (string mention in mentions)
                    Assert.That(Error, Does.Contain(mention));
            }
        }
    }

    /// <summary>Runs `cosim` with arguments.</summary>
    public static Result Run(params string[] arguments)
    {
        StringWriter output = new();
        StringWriter error = new();
        int status = Program.Run(arguments, output, error);
        return new Result(status, output.ToString(), error.ToString());
    }
}
