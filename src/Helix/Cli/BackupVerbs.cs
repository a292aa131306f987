using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Helix.Backup;
using Helix.Contracts;
using Helix.Core.Models;
using Helix.Processes;

namespace Helix.Cli;

/// <summary>Backups: made by the daemon where one runs; read and restored without one.</summary>
internal static class BackupVerbs
{
    public static Command Create(CliWorld world) => Verb.Group("backup", "Back up what helix was told and remembers, and restore it.", Make(world), List(world), Verify(world), Restore(world));

    private static Verb Make(CliWorld world)
    {
        var to = new Option<string?>("--to") { Description = "The file to be written; without it, one in the folder of backups.", HelpName = "FILE" };
        var keys = new KeyOptions();
        var verb = new Verb("create", "Make a backup now, and try whether it can be restored.", "helix backup create", "helix backup create --to /mnt/usb/helix.tar.gz", "helix backup create --key-file ~/helix.key") { to };
        keys.AddTo(verb);
        FormatOption.Add(verb);
        verb.SetAction(async (parse, cancellationToken) =>
        {
            var request = new BackupRequest(Whole(parse.GetValue(to)), keys.KeyFile(parse), keys.PassphraseFile(parse));
            using var daemon = world.Daemon();
            var answer = await daemon.PostPatientlyAsync("/helix/v1/backups", JsonSerializer.SerializeToUtf8Bytes(request, BackupApiJson.Default.BackupRequest), BackupApiJson.Default.BackupReport, cancellationToken);
            return answer switch
            {
                Answer<BackupReport>.Is(var report) => Show(parse, report, "made, and restored on trial", world),
                Answer<BackupReport>.NotRunning => await GuardAsync(world, async () => Show(parse, await MakeOfflineAsync(request, world, cancellationToken), "made, and restored on trial", world)),
                _ => answer.Fail(world.Terminal),
            };
        });
        return verb;
    }

    private static Verb List(CliWorld world)
    {
        var verb = new Verb("list", "Show the backups that there are, the newest first.", "helix backup list", "helix backup list --format json");
        FormatOption.Add(verb);
        verb.SetAction(parse => Guard(world, () =>
        {
            var list = BackupReporting.ListOf(new(world.Home.Backups));
            if (parse.IsJson()) return world.Terminal.WriteJson(list, BackupApiJson.Default.BackupList);
            if (list.Backups.Count > 0)
                return world.Terminal.WriteTable(["MADE (UTC)", "SIZE", "ENCRYPTED", "FILE"], list.Backups.Select(each => new[] { Moment(each.At), ByteCount.Words(each.Bytes), each.Encrypted ? "yes" : "no", each.Path }));
            world.Terminal.Say($"there is no backup in {list.Folder}; make one with: helix backup create");
            return ExitCodes.Ok;
        }));
        return verb;
    }

    private static Verb Verify(CliWorld world)
    {
        var file = new Argument<string?>("FILE") { Description = "A backup; without it, the newest.", Arity = ArgumentArity.ZeroOrOne };
        var keys = new KeyOptions();
        var verb = new Verb("verify", "Check every byte of a backup, and try whether it can be restored.", "helix backup verify", "helix backup verify /mnt/usb/helix.tar.gz --format json") { file };
        keys.AddTo(verb);
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => GuardAsync(world, async () =>
        {
            var path = Whole(parse.GetValue(file)) ?? (new BackupShelf(world.Home.Backups).All is [var newest, ..] ? newest.Path : null)
                ?? throw new BackupException($"there is no backup in {world.Home.Backups}", "Make one: helix backup create", "not_found");
            return Show(parse, await VerifyAsync(path, keys.Key(parse, world, path), cancellationToken), "whole, and can be restored", world);
        }));
        return verb;
    }

    private static Verb Restore(CliWorld world)
    {
        var file = Verb.Argument("FILE", "A backup.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would change." };
        var keys = new KeyOptions();
        var verb = new Verb("restore", "Bring what a backup holds into this home; helix must not run.", "helix backup restore helix-20261129-080000.tar.gz --dry-run", "helix backup restore helix-20261129-080000.tar.gz") { file, dryRun };
        keys.AddTo(verb);
        FormatOption.Add(verb);
        verb.SetAction((parse, cancellationToken) => GuardAsync(world, async () =>
        {
            var (path, onlyLook) = (Path.GetFullPath(parse.GetRequiredValue(file)), parse.GetValue(dryRun));
            if (!onlyLook && await HindranceAsync(world, cancellationToken) is { } hindrance) throw hindrance;
            using var quiet = onlyLook ? null : QuietHome.TryHold(world.Home) ?? throw new BackupException("helix is being started, or the home cannot be used", "Run: helix stop, and the same again.");
            var restored = await new OfflineBackup(world.Home, VersionVerb.Version, world.Time).Restore.RunAsync(path, keys.Key(parse, world, path), onlyLook, cancellationToken);
            var report = BackupReporting.Of(restored, path, onlyLook);
            if (parse.IsJson()) return world.Terminal.WriteJson(report, BackupApiJson.Default.RestoreReport);
            return Tell(report, world.Terminal);
        }));
        return verb;
    }

    /// <summary>Why nothing can be restored into this home now; null where it can.</summary>
    private static async Task<BackupException?> HindranceAsync(CliWorld world, CancellationToken cancellationToken) => await world.Keeper.LookAsync(cancellationToken) switch
    {
        KeeperLife.Lives => new("helix runs in this home, so nothing can be restored into it", "Stop it first: helix stop"),
        KeeperLife.Lost when !new RestoreJournal(world.Home).IsPending => new("helix, or a restore, was killed in this home, and engines may still run", "Clear up first: helix stop"),
        _ => null,
    };

    private static int Tell(RestoreReport report, Terminal terminal)
    {
        terminal.WriteTable(["FILE", "CHANGE"], report.Files.Select(each => new[] { each.Path, each.Change }));
        terminal.Tell($"a backup of {report.Host}, made {Moment(report.At)} UTC by helix {VersionVerb.Short(report.Helix)}");
        if (report.Install.Count > 0) terminal.Tell($"to be installed again at the next start: {string.Join(", ", report.Install)}");
        if (report.Fetch.Count > 0) terminal.Tell($"models to be fetched again: {string.Join(", ", report.Fetch)}");
        if (report.Before is { } before) terminal.Out.WriteLine($"what was there before is kept in {before}");
        terminal.Out.WriteLine(report.DryRun ? "nothing was changed" : "restored; start it with: helix start");
        return ExitCodes.Ok;
    }

    private static async Task<BackupReport> MakeOfflineAsync(BackupRequest request, CliWorld world, CancellationToken cancellationToken)
    {
        if (ConfigVerbs.Load(world) is not { Config: var config }) throw new BackupException("the configuration is not valid", "See: helix config validate", "invalid");
        var backups = new OfflineBackup(world.Home, VersionVerb.Version, world.Time).Of(config.Backup);
        return BackupReporting.Of(await backups.MakeAsync(new(BackupWish.Asked, request.To, request.KeyFile, request.PassphraseFile), cancellationToken));
    }

    private static async Task<BackupReport> VerifyAsync(string path, BackupKey? key, CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("helix-backup-").FullName;
        try
        {
            var unpacked = new Storage.HelixHome(scratch);
            var manifest = await BackupOpen.UnpackAsync(path, key, unpacked, path, cancellationToken);
            BackupRead.Try(unpacked, path);
            return BackupReporting.Of(new(path, new FileInfo(path).Length, manifest, BackupCipher.IsEncrypted(path), []));
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static int Show(ParseResult parse, BackupReport report, string outcome, CliWorld world)
    {
        if (parse.IsJson()) world.Terminal.WriteJson(report, BackupApiJson.Default.BackupReport);
        else world.Terminal.Tell($"{report.Path}: {outcome}; {report.Files.Count} files, {ByteCount.Words(report.Bytes)}{(report.Encrypted ? ", encrypted" : "")}, of {report.Host}, {Moment(report.At)} UTC");
        foreach (var note in report.Notes) world.Terminal.Say($"helix: {note}");
        return report.Notes.Count == 0 ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private static int Guard(CliWorld world, Func<int> run) => GuardAsync(world, () => Task.FromResult(run())).GetAwaiter().GetResult();

    private static async Task<int> GuardAsync(CliWorld world, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (BackupException refused)
        {
            return world.Terminal.Fail(ExitCodes.Of(refused.Code), refused.Message, refused.Remedy);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            return world.Terminal.Fail(ExitCodes.Refused, disk.Message, "Check that there is room, and who may read and write there.");
        }
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string? Whole(string? path) => path is null ? null : Path.GetFullPath(path);

    /// <summary>With what a backup is encrypted; where neither is said, what the configuration or the environment names.</summary>
    private sealed class KeyOptions
    {
        private readonly Option<string?> _keyFile = new("--key-file") { Description = "A file of 32 random bytes, with which it is encrypted.", HelpName = "FILE" };
        private readonly Option<string?> _passphraseFile = new("--passphrase-file") { Description = "A file with the passphrase, with which it is encrypted.", HelpName = "FILE" };

        public void AddTo(Verb verb)
        {
            verb.Add(_keyFile);
            verb.Add(_passphraseFile);
            verb.Validators.Add(result =>
            {
                if (result.GetValue(_keyFile) is not null && result.GetValue(_passphraseFile) is not null) result.AddError("--key-file and --passphrase-file do not go together.");
            });
        }

        public string? KeyFile(ParseResult parse) => Whole(parse.GetValue(_keyFile));

        public string? PassphraseFile(ParseResult parse) => Whole(parse.GetValue(_passphraseFile));

        /// <returns>Null where none is needed, or none is at hand.</returns>
        public BackupKey? Key(ParseResult parse, CliWorld world, string path)
        {
            if (BackupKey.Load(KeyFile(parse), PassphraseFile(parse)) is { } named) return named;
            if (!File.Exists(path) || !BackupCipher.IsEncrypted(path)) return null;
            return BackupKey.FromEnvironment() ?? (Configuration.ConfigFile.Load(world.Home.Config) is Core.Configuration.ConfigOutcome.Good(var config, _) ? BackupKey.Load(config.Backup.KeyFile, null) : null);
        }
    }
}
