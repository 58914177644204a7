import { KERNEL_NAME } from "./kernelspec";
export function writeNotebookHtml(path: string): string {
  return path + KERNEL_NAME;
}
