using Muster.Disk.Tests.Kernel;
using Xunit.Runner.InProc.SystemConsole;

return args is ["child", .. var rest] ? await ChildProgram.RunAsync(rest) : await ConsoleRunner.Run(args);
