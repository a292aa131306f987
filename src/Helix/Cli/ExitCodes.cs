namespace Helix.Cli;

/// <summary>One exit code per reason. They are documented and kept stable.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Bug = 1;
    public const int Usage = 2;
    public const int NotRunning = 3;
    public const int ConfigInvalid = 4;
    public const int NotFound = 5;
    public const int Refused = 6;
    public const int StartFailed = 7;
    public const int HomeUnusable = 8;
    public const int Offline = 9;
    public const int NoSpace = 10;
    public const int TimedOut = 11;
    public const int Unhealthy = 12;
    public const int AnswerBroken = 13;
    public const int Interrupted = 130;

    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "done"),
        (Bug, "a bug in helix; what happened stands on stderr"),
        (Usage, "the command line was not understood"),
        (NotRunning, "helix is not running"),
        (ConfigInvalid, "the configuration, or a value for it, is not valid"),
        (NotFound, "there is no such provider, model, key or file"),
        (Refused, "refused: it conflicts with what is there, or the input is not acceptable"),
        (StartFailed, "something did not start"),
        (HomeUnusable, "helix cannot use its home folder"),
        (Offline, "the network, or what is behind it, cannot be reached"),
        (NoSpace, "there is not enough space on the disk"),
        (TimedOut, "it took too long"),
        (Unhealthy, "\"doctor\" or \"local-llm health\" found an error"),
        (AnswerBroken, "the answer broke off"),
        (Interrupted, "interrupted with Ctrl-C or SIGTERM"),
    ];

    /// <summary>What an error of helix's own API means for who called the program.</summary>
    public static int Of(string code) => code switch
    {
        "not_found" => NotFound,
        "cut_off" => HomeUnusable,
        "no_space" => NoSpace,
        "offline" or "unreachable" or "interrupted" => Offline,
        "timeout" => TimedOut,
        "not_done" or "install_failed" => StartFailed,
        "lost" => AnswerBroken,
        "internal" => Bug,
        _ => Refused,
    };
}
