using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Gtc.Artifacts.Cbor;
using Gtc.Artifacts.Packs;
using Gtc.Wasm.Components;
using Gtc.Wasm.Tests.Components;

namespace Gtc.Runtime.Tests.Messaging.Provider;

/// <summary>A provider of the Telegram class as a component: <c>telegram.c</c>, compiled by clang, with the imports and the export of the real one.</summary>
internal static class TelegramProvider
{
    private const string Http = "greentic:http/http-client@1.1.0";
    private const string Secrets = "greentic:secrets-store/secrets-store@1.0.0";

    private static readonly Lazy<Task<byte[]>> Compiled = new(CompileAsync);

    private static readonly WitType Document = WitType.ListOf(WitType.U8);
    private static readonly WitType Body = WitType.OptionOf(Document);
    private static readonly WitType Pairs = WitType.ListOf(WitType.TupleOf(WitType.Text, WitType.Text));
    private static readonly WitType Request = WitType.RecordOf(("method", WitType.Text), ("url", WitType.Text), ("headers", Pairs), ("body", Body));
    private static readonly WitType Response = WitType.RecordOf(("status", WitType.U16), ("headers", Pairs), ("body", Body));
    private static readonly WitType Options = WitType.RecordOf(
        ("timeout-ms", WitType.OptionOf(WitType.U32)), ("allow-insecure", WitType.OptionOf(WitType.Bool)), ("follow-redirects", WitType.OptionOf(WitType.Bool)));

    /// <summary>The pack <c>messaging-telegram</c> with the provider in it; the test is skipped where there is no clang.</summary>
    /// <param name="routes">Routes that the provider answers, as JSON.</param>
    public static async Task<byte[]> PackAsync(string routes = "[]")
    {
        var zip = new MemoryStream();
        await using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            await AddAsync(archive, PackFile.ManifestMember, CborDocument.Write(JsonElement.Parse(
                """
                {"schema_version":"pack-v1","pack_id":"messaging-telegram","version":"0.5.1","kind":"application","publisher":"tests",
                 "components":[{"id":"messaging-provider-telegram","version":"0.5.1"}],"flows":[],
                 "secret_requirements":[{"key":"TELEGRAM_BOT_TOKEN","required":true},{"key":"TELEGRAM_API_BASE","required":false}],
                 "extensions":{"greentic.provider-extension.v1":{"kind":"greentic.provider-extension.v1","version":"0.5.1","inline":{"providers":[
                   {"provider_type":"messaging.telegram.bot","capabilities":["messaging"],
                    "ops":["send","reply","ingest_http","render_plan","encode","send_payload","setup_webhook","handle_http"],
                    "runtime":{"component_ref":"messaging-provider-telegram","export":"schema-core-api","world":"greentic:provider/schema-core@1.0.0"}},
                   {"provider_type":"messaging.webchat.gui","capabilities":["messaging"],"ops":["ingest_http"],
                    "runtime":{"component_ref":"messaging-provider-telegram","export":"schema-core-api","world":"greentic:provider/schema-core@1.0.0"}}]}},
                   "greentic.http-routes.v1":{"kind":"greentic.http-routes.v1","version":"1","inline":{"schema_version":1,"routes":ROUTES}}}}
                """.Replace("ROUTES", routes, StringComparison.Ordinal)), sortKeys: false));
            await AddAsync(archive, "components/messaging-provider-telegram.wasm", await Compiled.Value);
        }

        return zip.ToArray();
    }

    private static async Task AddAsync(ZipArchive archive, string name, byte[] content)
    {
        await using var stream = await archive.CreateEntry(name).OpenAsync();
        await stream.WriteAsync(content);
    }

    private static async Task<byte[]> CompileAsync()
    {
        var folder = Directory.CreateTempSubdirectory("gtc-provider-");
        try
        {
            var module = Path.Combine(folder.FullName, "telegram.wasm");
            var start = new ProcessStartInfo("clang", [
                "--target=wasm32", "-O1", "-nostdlib", "-ffreestanding", "-fno-builtin", "-Wl,--no-entry,--import-memory,--stack-first,-z,stack-size=16384",
                "-o", module, Path.Combine(Repository.Root, "tests", "Gtc.Runtime.Tests", "Messaging", "Provider", "telegram.c"),
            ])
            {
                RedirectStandardError = true,
            };
            using var clang = Start(start);
            var said = await clang.StandardError.ReadToEndAsync();
            await clang.WaitForExitAsync();
            clang.ExitCode.ShouldBe(0, said);
            return Wrapped(await File.ReadAllBytesAsync(module));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("clang is not on this machine (eng/install-test-servers installs it)");
            throw;
        }
    }

    private static byte[] Wrapped(byte[] module)
    {
        var writer = new ComponentWriter();
        var send = Import(writer, Http, "send", [Request, WitType.OptionOf(Options), WitType.OptionOf(WitType.Text)], WitType.ResultOf(Response, WitType.RecordOf(("code", WitType.Text), ("message", WitType.Text))));
        var get = Import(writer, Secrets, "get", [WitType.Text], WitType.ResultOf(Body, WitType.EnumOf("not-found", "denied", "invalid-key", "internal")));
        var type = writer.Function([WitType.Text, Document], Document);
        var allocator = writer.InstantiateCore(writer.CoreModule(CoreModules.Allocator()));
        var options = ComponentWriter.Options(0, writer.CoreMemory(allocator, "memory"), writer.CoreFunction(allocator, "realloc"), null);
        var host = writer.BundleCore(("send", (byte)0, writer.Lower(send, options)), ("get", (byte)0, writer.Lower(get, options)));
        var core = writer.InstantiateCore(writer.CoreModule(module), ("env", allocator), ("host", host));
        var invoke = writer.Lift(writer.CoreFunction(core, "invoke"), options, type);
        writer.Export("greentic:provider-schema-core/schema-core-api@1.0.0", 5, writer.Bundle(("invoke", (byte)1, invoke)));
        return writer.ToArray();
    }

    private static int Import(ComponentWriter writer, string id, string function, WitType[] parameters, WitType result)
    {
        var declarations = new Bytes();
        var count = 0;
        int Declare(Bytes definition)
        {
            declarations.Add(1).Append(definition);
            return count++;
        }

        Bytes Reference(WitType type) => TypeBytes.Reference(type, inner => Declare(TypeBytes.Definition(inner, Reference)));
        var definition = new Bytes().Add(0x40).Number(parameters.Length);
        for (var i = 0; i < parameters.Length; i++)
        {
            definition.Name($"p{i}").Append(Reference(parameters[i]));
        }

        var type = Declare(definition.Add(0).Append(Reference(result)));
        declarations.Add(4, 0).Name(function).Add(1).Number(type);
        return writer.FunctionOf(writer.ImportInstance(id, writer.Type(new Bytes().Add(0x42).Number(count + 1).Append(declarations))), function);
    }
}
